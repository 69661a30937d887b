'use strict';

// Finds the program of this package.

const { join } = require('node:path');

const name = process.platform === 'win32' ? 'upscope-sandbox.exe' : 'upscope-sandbox';

/** The path of the program: `UPSCOPE_SANDBOX` selects another one. */
exports.findProgram = () => process.env.UPSCOPE_SANDBOX || join(__dirname, 'program', name);
