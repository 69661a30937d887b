/** A running sandbox. It ends with this process, if `stop` is not called before. */
export interface Sandbox {
  /** The URL of the API, such as `http://127.0.0.1:8080/v1.3`. */
  readonly baseUrl: string;
  /** An API key that the sandbox accepts, for the header `X-Api-Key`. */
  readonly apiKey: string;
  /** The URL of the control interface, such as `http://127.0.0.1:8080/_sandbox`. */
  readonly controlUrl: string;
  /** Stops the sandbox. Resolves when its process has exited. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Arguments of the program, such as `['--visitors', '3']`. `npx upscope-sandbox --help` lists them. */
  args?: readonly string[];
  /** The time that the sandbox has to start: 20,000 milliseconds by default. */
  timeoutMs?: number;
}

/**
 * Starts a sandbox on a free port of 127.0.0.1. It accepts requests when the promise resolves.
 *
 * The program is the one that the environment variable `UPSCOPE_SANDBOX` names, otherwise that of this package.
 */
export function start(options?: StartOptions): Promise<Sandbox>;
