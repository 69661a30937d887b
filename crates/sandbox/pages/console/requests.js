// The panel of requests, latest first. It follows the request log with long polling.

const PAGE_SIZE = 200;
const LONG_POLL_MS = 20_000;
/** A pause between two polls, so that a busy sandbox is not slowed down by its own page. */
const POLL_PAUSE_MS = 150;
/** How long a poll may go on although there are more requests. */
const LATE_MS = 700;
/** How many unfinished requests are asked for again in one round. */
const MAX_UNFINISHED = 20;

const requestList = byId('request-list');
makeNavigable(requestList);

const requestLog = {
  /** Entries by number, in ascending order. */
  entries: new Map(),
  /** Changes if the log is cleared. */
  epoch: null,
  newest: 0,
  oldestKept: 1,
  pages: 1,
  paused: false,
  selected: null,
  pollStarted: 0,
  abort: new AbortController(),
};

const isFinished = (entry) => entry.finished_ms !== null;

function statusClass(entry) {
  if (!isFinished(entry)) {
    return 'status waiting';
  }
  return entry.status ? `status s${Math.floor(entry.status / 100)}` : 'status s5';
}

function statusText(entry) {
  return entry.status ? String(entry.status) : (isFinished(entry) ? 'none' : '…');
}

/** When the request arrived, in the time of the browser. */
function arrivalTime(entry) {
  const { elapsed_ms: elapsed, receivedAt } = latestOverview;
  return new Date(receivedAt - elapsed + entry.started_ms).toLocaleTimeString('en-GB');
}

function requestRow(entry) {
  const status = element('span');
  const duration = element('span', { class: 'duration' });
  const target = element('span', { class: 'target' }, element('span', { class: 'path', text: entry.path }));
  if (entry.query !== null) {
    target.append(element('span', { class: 'query', text: `?${entry.query}` }));
  }
  const button = element('button', { type: 'button', class: 'request', 'data-control': '', 'aria-pressed': 'false' },
    element('span', { class: 'time', text: arrivalTime(entry) }),
    element('span', { class: `method ${entry.method.toLowerCase()}`, text: entry.method }),
    target,
    element('span', { class: 'tag', text: 'fault', hidden: entry.fault === null }),
    status,
    duration);
  button.addEventListener('click', () => selectRequest(requestLog.selected === entry.number ? null : entry.number));
  // In the open list, the arrow keys also select.
  button.addEventListener('focus', () => {
    if (requestLog.selected !== null && button.matches(':focus-visible')) {
      selectRequest(entry.number);
    }
  });
  const row = element('li', { class: 'request-row' }, button);
  row.update = (updated) => {
    setText(status, statusText(updated));
    setClass(status, statusClass(updated));
    setText(duration, isFinished(updated) ? `${updated.finished_ms - updated.started_ms} ms` : '');
    setAttribute(button, 'aria-pressed', String(requestLog.selected === updated.number));
  };
  return row;
}

function matchesFilter(entry, words) {
  const text = `${entry.method} ${entry.path}?${entry.query ?? ''} ${statusText(entry)} ${entry.fault ? 'fault' : ''}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

function showRequests() {
  const words = byId('request-filter').value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = Array.from(requestLog.entries.values()).reverse().filter((entry) => matchesFilter(entry, words));
  updateList(requestList, shown, (entry) => `${requestLog.epoch}/${entry.number}`, requestRow);
  const empty = requestLog.entries.size === 0
    ? 'No requests yet. Each request to the API appears here with its response.'
    : 'None of the loaded requests matches the filter.';
  setNote('request-note', shown.length === 0 ? empty : '');
  const oldest = requestLog.entries.keys().next().value;
  byId('older-requests').hidden = oldest === undefined || oldest <= requestLog.oldestKept;
  showDetails(requestLog.entries.get(requestLog.selected) ?? null);
}

function selectRequest(number) {
  requestLog.selected = number;
  showRequests();
}

/** Adds entries, and drops the oldest ones beyond the pages that were asked for. */
function addEntries(entries) {
  const all = requestLog.entries;
  const newest = requestLog.newest;
  entries.forEach((entry) => all.set(entry.number, entry));
  requestLog.newest = entries.reduce((number, entry) => Math.max(number, entry.number), newest);
  for (const number of all.keys()) {
    if (all.size <= requestLog.pages * PAGE_SIZE) {
      break;
    }
    all.delete(number);
  }
}

const fetchEntries = async (query, signal) => (await control('GET', `/requests?${query}`, undefined, signal)).requests;

/** Forgets what was loaded, and loads the latest entries. */
async function loadLatest(summary, signal) {
  Object.assign(requestLog, { entries: new Map(), epoch: summary.epoch, newest: Math.max(0, summary.newest - PAGE_SIZE), pages: 1 });
  if (summary.count > 0) {
    addEntries(await fetchEntries(`since=${requestLog.newest}&limit=${PAGE_SIZE}`, signal));
  }
  if (!requestLog.entries.has(requestLog.selected)) {
    requestLog.selected = null;
  }
  showRequests();
}

async function loadOlder() {
  const oldest = requestLog.entries.keys().next().value;
  const since = Math.max(0, oldest - 1 - PAGE_SIZE);
  const { epoch } = requestLog;
  const older = await fetchEntries(`since=${since}&limit=${Math.min(PAGE_SIZE, oldest - 1)}`);
  // Entries that the sandbox has dropped meanwhile are missing: it answers with later ones.
  const added = older.filter((entry) => entry.number < oldest);
  if (epoch === requestLog.epoch) {
    requestLog.pages += 1;
    requestLog.entries = new Map([...added.map((entry) => [entry.number, entry]), ...requestLog.entries]);
    showRequests();
  }
}

/** Asks again for the requests that had no response yet. */
async function updateUnfinished(signal) {
  const unfinished = Array.from(requestLog.entries.values()).filter((entry) => !isFinished(entry)).slice(-MAX_UNFINISHED);
  for (const { number } of unfinished) {
    const [entry] = await fetchEntries(`since=${number - 1}&limit=1`, signal);
    if (entry?.number === number) {
      requestLog.entries.set(number, entry);
    }
  }
  return unfinished.length > 0;
}

async function followRequests() {
  let summary = latestOverview.requests;
  for (;;) {
    requestLog.abort = new AbortController();
    const { signal } = requestLog.abort;
    try {
      await whenVisible();
      if (requestLog.paused) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        continue;
      }
      summary = latestOverview.requests;
      const isBehind = summary.newest - requestLog.newest > PAGE_SIZE;
      if (summary.epoch !== requestLog.epoch || isBehind) {
        await loadLatest(summary, signal);
      }
      const waiting = await updateUnfinished(signal);
      const isKnown = latestOverview.requests.newest <= requestLog.newest;
      const wait = isKnown ? (waiting ? 500 : LONG_POLL_MS) : 0;
      requestLog.pollStarted = performance.now();
      addEntries(await fetchEntries(`since=${requestLog.newest}&limit=${PAGE_SIZE}&wait_ms=${wait}`, signal));
      showRequests();
      refreshSoon();
      await pause(POLL_PAUSE_MS);
    } catch (error) {
      if (error.name !== 'AbortError') {
        await pause(1000);
      }
    }
  }
}

/** Ends a poll if the log was cleared, or has a request without a response: the sandbox reports requests with responses. */
function checkRequests({ requests: summary }) {
  setCount('requests', summary.count);
  requestLog.oldestKept = summary.oldest;
  const isCleared = requestLog.epoch !== null && summary.epoch !== requestLog.epoch;
  const isLate = summary.newest > requestLog.newest && performance.now() - requestLog.pollStarted > LATE_MS;
  if (isCleared || isLate) {
    requestLog.abort.abort();
  }
}

byId('older-requests').addEventListener('click', (event) => act(event.currentTarget, loadOlder));
byId('request-filter').addEventListener('input', showRequests);
byId('clear-requests').addEventListener('click', (event) => act(event.currentTarget, () => control('POST', '/requests/clear')));
byId('pause').addEventListener('click', (event) => {
  requestLog.paused = !requestLog.paused;
  event.currentTarget.setAttribute('aria-pressed', String(requestLog.paused));
  setText(event.currentTarget, requestLog.paused ? 'Resume' : 'Pause');
  requestLog.abort.abort();
});

