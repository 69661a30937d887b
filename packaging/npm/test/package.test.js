'use strict';

// Tests the installed package: test.sh installs it in an empty project, and runs this file there.

const assert = require('node:assert/strict');
const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const { readFileSync, writeFileSync } = require('node:fs');
const { test } = require('node:test');
const { setTimeout: delay } = require('node:timers/promises');
const { start } = require('upscope-sandbox');

const options = { timeout: 60_000 };

async function usage({ baseUrl, apiKey }) {
  return fetch(`${baseUrl}/usage`, { headers: { 'X-Api-Key': apiKey } });
}

/** Waits until the sandbox refuses connections. The time limit is that of the test. */
async function ended(sandbox) {
  for (;;) {
    try {
      await usage(sandbox);
    } catch (error) {
      assert.match(String(error.cause?.code), /ECONNREFUSED|ECONNRESET|UND_ERR_SOCKET/);
      return;
    }
    await delay(20);
  }
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    assert.equal(error.code, 'ESRCH');
    return false;
  }
}

/** Runs Node, or a program of the package, and returns the process and the JSON of its first line. */
async function firstLine(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  for await (const text of child.stdout.setEncoding('utf8')) {
    output += text;
    if (output.includes('\n')) break;
  }
  return { child, line: JSON.parse(output) };
}

test('starts, answers and stops', options, async () => {
  const sandbox = await start({ args: ['--visitors', '3'] });
  assert.equal((await usage(sandbox)).status, 200);
  const list = await fetch(`${sandbox.baseUrl}/list`, { headers: { 'X-Api-Key': sandbox.apiKey } });
  assert.equal((await list.json()).visitors.length, 3);
  const log = await (await fetch(`${sandbox.controlUrl}/requests`)).json();
  assert.equal(log.requests.length, 2);
  await sandbox.stop();
  await assert.rejects(usage(sandbox));
  await sandbox.stop();
});

test('import gives the same function', options, async () => {
  assert.equal((await import('upscope-sandbox')).start, start);
});

test('the error has the message of the program', options, async () => {
  await assert.rejects(start({ args: ['--visitors', 'many'] }), /cannot start the sandbox .*upscope-sandbox: .*many/s);
  process.env.UPSCOPE_SANDBOX = '/nonexistent/upscope-sandbox';
  try {
    await assert.rejects(start(), /cannot start the sandbox \/nonexistent\/upscope-sandbox: .*ENOENT/);
  } finally {
    delete process.env.UPSCOPE_SANDBOX;
  }
});

test('a program that prints nothing is ended', { ...options, skip: process.platform === 'win32' }, async () => {
  writeFileSync('silent.sh', '#!/bin/sh\necho $$ > silent.pid\nexec sleep 60\n', { mode: 0o755 });
  process.env.UPSCOPE_SANDBOX = `${process.cwd()}/silent.sh`;
  try {
    await assert.rejects(start({ timeoutMs: 500 }), /cannot start the sandbox .*silent.sh: it printed nothing for 500 ms/);
  } finally {
    delete process.env.UPSCOPE_SANDBOX;
  }
  const pid = Number(readFileSync('silent.pid', 'utf8'));
  while (isRunning(pid)) await delay(20);
});

const holder = "require('upscope-sandbox').start().then((sandbox) => console.log(JSON.stringify(sandbox)), console.error)";

test('a sandbox that was not stopped ends with its parent, which it does not keep running', options, async () => {
  const { child, line } = await firstLine(process.execPath, ['-e', holder]);
  if (child.exitCode === null) await once(child, 'exit');
  assert.equal(child.exitCode, 0);
  await ended(line);
});

test('a sandbox ends if its parent is killed', options, async () => {
  const { child, line } = await firstLine(process.execPath, ['-e', `${holder}; setInterval(() => {}, 1000)`]);
  assert.equal((await usage(line)).status, 200);
  child.kill('SIGKILL');
  await ended(line);
});

test('npx runs the program', options, async () => {
  const run = (...args) => spawnSync('npx', ['--offline', 'upscope-sandbox', ...args], { encoding: 'utf8' });
  assert.equal(run('--version').stdout.trim(), `upscope-sandbox ${require('upscope-sandbox/package.json').version}`);
  const refused = run('--visitors', 'many');
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /many/);
});

test('the command ends with its signals, and if it is killed', options, async () => {
  for (const signal of ['SIGTERM', 'SIGKILL']) {
    const { child, line } = await firstLine('node_modules/.bin/upscope-sandbox', []);
    const sandbox = { baseUrl: line.base_url, apiKey: line.api_key };
    assert.equal((await usage(sandbox)).status, 200);
    child.kill(signal);
    const [code] = await once(child, 'exit');
    if (signal === 'SIGTERM') assert.equal(code, 0);
    await ended(sandbox);
  }
});
