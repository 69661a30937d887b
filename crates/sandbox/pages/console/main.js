// Polls the overview and shows it in all panels.

const POLL_MS = 1000;
/** If the sandbox needs long for an overview, for example for a search among many visitors, the page asks less often. */
const REST_FACTOR = 10;
const SOON_MS = 300;

let latestOverview = null;
let running = null;
let next = null;
let hasWebhooks = true;
let wakePolling = () => {};

async function loadOverview() {
  const overview = await control('GET', `/overview?search=${encodeURIComponent(searchText())}`);
  overview.receivedAt = Date.now();
  latestOverview = overview;
  setText(byId('base-url'), overview.base_url);
  showClock(overview);
  showVisitors(overview);
  showSessions(overview);
  showFaults(overview);
  checkRequests(overview);
  if (hasWebhooks) {
    await loadWebhooks().catch(hideMissingWebhooks);
  }
}

/** A sandbox without a webhook log has no panel for it. */
function hideMissingWebhooks(error) {
  if (error.status !== 404) {
    throw error;
  }
  hasWebhooks = false;
  byId('webhooks').hidden = true;
  document.querySelector('.panels [data-panel="webhooks"]').hidden = true;
  document.querySelector('main').classList.add('without-webhooks');
}

/** Shows a state that is not older than this call. */
function refresh() {
  if (running === null) {
    running = loadOverview().finally(() => {
      running = null;
    });
    return running;
  }
  next ??= running.catch(() => {}).then(() => {
    next = null;
    return refresh();
  });
  return next;
}

const refreshSoon = () => wakePolling();

function showConnection(connected) {
  const node = byId('connection');
  setText(node, connected ? 'Live' : 'Not reachable, retrying');
  setClass(node, connected ? 'connection live' : 'connection lost');
}

async function pollOverview() {
  let following = false;
  for (;;) {
    await whenVisible();
    const started = performance.now();
    try {
      await refresh();
      showConnection(true);
      if (!following) {
        following = true;
        followRequests();
      }
    } catch {
      showConnection(false);
    }
    const took = performance.now() - started;
    const woken = new Promise((resolve) => {
      wakePolling = resolve;
    });
    await pause(Math.max(SOON_MS, took));
    await Promise.race([woken, pause(Math.max(POLL_MS, took * REST_FACTOR) - SOON_MS)]);
  }
}

for (const button of document.querySelectorAll('.panels button')) {
  button.addEventListener('click', () => showPanel(button.dataset.panel));
}

/** In a narrow window, one panel is visible. */
function showPanel(name) {
  document.body.dataset.panel = name;
  for (const button of document.querySelectorAll('.panels button')) {
    setAttribute(button, 'aria-pressed', String(button.dataset.panel === name));
  }
}

byId('copy-base-url').addEventListener('click', (event) => copy(event.currentTarget, byId('base-url').textContent));

byId('reset').addEventListener('click', () => {
  byId('reset-dialog').returnValue = '';
  byId('reset-dialog').showModal();
});
byId('reset-dialog').addEventListener('close', () => {
  if (byId('reset-dialog').returnValue === 'reset') {
    act(byId('reset'), () => control('POST', '/reset'));
  }
});

showPanel('requests');
pollOverview();
