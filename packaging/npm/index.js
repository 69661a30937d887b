'use strict';

// Starts and stops a sandbox for tests.

const { spawn } = require('node:child_process');
const { findProgram } = require('./program.js');

const STOP_TIMEOUT_MS = 5_000;

/** Resolves with the first line of the program's output. Rejects if the program ends before, or if time is up. */
function readFirstLine(child, program, timeoutMs) {
  return new Promise((resolve, reject) => {
    let output = '';
    let errors = '';
    const fail = (reason) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new Error(`cannot start the sandbox ${program}: ${reason}`));
    };
    const timer = setTimeout(() => fail(`it printed nothing for ${timeoutMs} ms`), timeoutMs);
    child.once('error', (error) => fail(error.message));
    // Emitted after all output has been read.
    child.once('close', (code, signal) => fail(errors.trim() || `it exited with ${signal ?? `status ${code}`}`));
    child.stderr.setEncoding('utf8').on('data', (text) => {
      errors += text;
    });
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      const end = output.indexOf('\n');
      if (end < 0) return;
      clearTimeout(timer);
      child.removeAllListeners('close');
      for (const stream of [child.stdout, child.stderr]) stream.removeAllListeners('data').resume();
      resolve(output.slice(0, end));
    });
  });
}

/** Resolves when the program has exited. */
function stopProgram(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    child.ref();
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.stdin.end();
  });
}

async function start({ args = [], timeoutMs = 20_000 } = {}) {
  const program = findProgram();
  // The sandbox ends when its standard input is closed, also if this process is killed. In a process group of its own,
  // Ctrl-C does not reach it.
  const child = spawn(program, ['--exit-with-stdin', ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  // Without a listener, Node ends this process if the sandbox has already ended.
  child.stdin.on('error', () => {});
  const line = JSON.parse(await readFirstLine(child, program, timeoutMs));
  // A sandbox that was not stopped does not keep this process running.
  for (const handle of [child, child.stdin, child.stdout, child.stderr]) handle.unref();
  return {
    baseUrl: line.base_url,
    apiKey: line.api_key,
    controlUrl: line.control_url,
    stop: () => stopProgram(child),
  };
}

module.exports = { start };
