#!/usr/bin/env node
'use strict';

// `npx upscope-sandbox`: runs the program with the same arguments, streams and exit code.

const { spawn } = require('node:child_process');
const { findProgram } = require('./program.js');

const args = process.argv.slice(2);
// Unless the caller uses standard input to end the program, it ends with this process, also if this process is killed.
const watchesStdin = args.includes('--exit-with-stdin');
const child = spawn(findProgram(), watchesStdin ? args : [...args, '--exit-with-stdin'], {
  stdio: [watchesStdin ? 'inherit' : 'pipe', 'inherit', 'inherit'],
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`upscope-sandbox: cannot start ${findProgram()}: ${error.message}`);
  process.exitCode = 1;
});
child.on('exit', (code) => process.exit(code ?? 1));
