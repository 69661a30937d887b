// Requests to the control interface.

const CONTROL = '/_sandbox';

class ControlError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function control(method, path, body, signal) {
  const options = { method, signal, cache: 'no-store' };
  if (body !== undefined) {
    options.headers = { 'Content-Type': 'application/json' };
    options.body = JSON.stringify(body);
  }
  const response = await fetch(CONTROL + path, options);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new ControlError(response.status, answer.message ?? answer.error ?? `the sandbox answered ${response.status}`);
  }
  return answer;
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves at once if the page is visible: hidden pages send no requests. */
function whenVisible() {
  if (!document.hidden) {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    document.addEventListener('visibilitychange', resolve, { once: true });
  }).then(whenVisible);
}

/** Runs an action of a button. The button ignores clicks until the action has ended. */
async function act(button, action) {
  if (button.getAttribute('aria-busy') === 'true') {
    return;
  }
  button.setAttribute('aria-busy', 'true');
  try {
    await action();
    await refresh();
  } catch (error) {
    showMessage(error instanceof ControlError ? error.message : 'The sandbox cannot be reached.');
  } finally {
    button.removeAttribute('aria-busy');
  }
}

async function copy(button, text) {
  const { title } = button;
  try {
    await navigator.clipboard.writeText(text);
    button.title = 'Copied';
    button.classList.add('done');
    await pause(1200);
    button.classList.remove('done');
    button.title = title;
  } catch {
    showMessage('The browser does not allow this page to copy.');
  }
}

