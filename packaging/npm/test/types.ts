// Compiled with the declarations of the installed package, and not run.
import { start, type Sandbox } from 'upscope-sandbox';

export async function baseUrl(): Promise<string> {
  const sandbox: Sandbox = await start({ args: ['--visitors', '3'], timeoutMs: 1000 });
  await sandbox.stop();
  // @ts-expect-error: args are strings.
  await start({ args: [3] });
  // @ts-expect-error: the properties are read-only.
  sandbox.apiKey = '';
  return sandbox.baseUrl;
}
