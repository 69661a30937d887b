/* upscope-sandbox sdk.js, version 1 */
