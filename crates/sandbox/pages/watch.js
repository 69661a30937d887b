// The watch page: starts the session, follows it, and shows what the agent sees and may do.

const settings = JSON.parse(document.getElementById('settings').textContent);
const branding = settings.branding || {};
const permissions = settings.permissions || {};
const text = words(settings.language);
const pageOnly = branding.naked === 'page_only';
const visitorName = settings.visitor?.name || settings.visitor?.short_id || '';
const path = location.pathname;
const byId = (id) => document.getElementById(id);
const fill = (pattern, values) => pattern.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);

// How long the page waits for a browser with sdk.js before it shows the pretended page.
const SNAPSHOT_WAIT_MS = 500;
const POLL_WAIT_MS = 20000;
// How long the agent can read why the session ended before the window is closed (assumed).
const CLOSE_DELAY_MS = 3000;
const RETRY_DELAY_MS = 1000;
// assumed: the name of the action that terminates the session is not in the public pages that the sandbox is based on.
const TERMINATE_ACTIONS = ['terminateSession', 'terminate', 'endSession', 'stopSession'];

// A tool per permission. `hide_private_details`, the twelfth, is about the visitor's details.
const TOOLS = [
  ['allow_click', 'click', 'm5 4 6 15 2.2-6.3L19.5 10.5z'],
  ['allow_type', 'type', 'M3 7h18v10H3zM7 10h.01M11 10h.01M15 10h.01M8 14h8'],
  ['allow_scroll', 'scroll', 'M12 3v18m-4-4 4 4 4-4M8 7l4-4 4 4'],
  ['allow_draw', 'draw', 'm4 20 1-5L16 4l4 4L9 19zM14 6l4 4'],
  ['allow_agent_redirect', 'redirect', 'M4 12a8 8 0 0 1 14-5l2 2m0-5v5h-5M20 12a8 8 0 0 1-14 5l-2-2m0 5v-5h5'],
  ['allow_audio', 'call', 'M6 3h4l1.5 5-2.5 1.5a12 12 0 0 0 5.5 5.5l1.5-2.5 5 1.5v4a2 2 0 0 1-2 2A16 16 0 0 1 4 5a2 2 0 0 1 2-2z'],
  ['allow_console', 'console', 'M3 4h18v16H3zM7 9l3 3-3 3M12 15h5'],
  ['allow_show_agent_screen', 'own_screen', 'M3 4h18v12H3zM8 20h8M12 13V8m-2.5 2L12 7.5 14.5 10'],
  ['allow_request_visitor_screen', 'full_screen', 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5'],
  ['allow_confetti', 'confetti', 'm4 20 4-11 7 7zM14 4v3M20 10h-3M18 6l-2 2M11 5l1 2M19 13l-2 1'],
  ['allow_notes', 'notes', 'M5 3h10l4 4v14H5zM15 3v4h4M8 12h8M8 16h6'],
];

let state = 'waiting';
let sessionId = null;
let hasPage = false;
let snapshotTimer = null;

// ---- messages to and from the page that embeds this one

const embedded = window.parent !== window;

function tellParent(message) {
  if (embedded) {
    // Which origin embeds the link is not known; the messages contain no secret.
    window.parent.postMessage(message, '*');
  }
}

function tellStatus(sessionStatus) {
  tellParent({ type: 'sessionStatusUpdate', sessionStatus });
}

window.addEventListener('message', (event) => {
  if (!embedded || event.source !== window.parent) {
    return;
  }
  if (TERMINATE_ACTIONS.includes(event.data?.action)) {
    endSession();
  } else if (event.data?.action !== undefined) {
    console.warn(`The sandbox does not know the action ${JSON.stringify(event.data.action)}. It knows ${TERMINATE_ACTIONS.join(', ')}.`);
  }
});

// ---- the session

async function startSession() {
  let response;
  try {
    response = await fetch(path, { method: 'POST' });
  } catch {
    return showProblem(text.unreachable);
  }
  const body = await response.json().catch(() => ({}));
  if (response.status === 404 || response.status === 410) {
    return showProblem(response.status === 410 ? text.expired : text.unknown);
  }
  if (!response.ok) {
    const reason = String(body.message || body.error || response.status);
    return showProblem([text.refused[0], fill(text.refused[1], { reason })]);
  }
  sessionId = body.session.id;
  enter(body.state);
  await followSession();
}

async function followSession() {
  let since = 0;
  let failures = 0;
  while (state !== 'terminated') {
    try {
      const response = await fetch(`${path}/events?since=${since}&wait_ms=${POLL_WAIT_MS}`);
      if (response.status === 404 || response.status === 410) {
        // The sandbox was reset.
        return enter('terminated');
      }
      if (!response.ok) {
        throw new Error(String(response.status));
      }
      const answer = await response.json();
      if (failures >= 3 && state === 'active') {
        showScreen();
      }
      failures = 0;
      since = answer.next;
      answer.events.forEach(handleEvent);
    } catch {
      failures += 1;
      if (failures === 3) {
        setActive(false);
        showMessage(text.unreachable, { isProblem: true });
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS));
    }
  }
}

function handleEvent(event) {
  if (event.type === 'state') {
    enter(event.state, event.ended_by);
  } else if (event.type === 'snapshot' && state === 'active') {
    receivePage(event.page);
  }
}

function enter(next, endedBy) {
  if (state === next || state === 'terminated') {
    return;
  }
  state = next;
  tellStatus(next);
  if (next === 'pendingRequest') {
    showMessage(text.pending, { waits: true });
    setActive(false);
  } else if (next === 'active') {
    snapshotTimer = setTimeout(() => receivePage(PRETENDED_PAGE), SNAPSHOT_WAIT_MS);
    setActive(true);
  } else if (next === 'terminated') {
    finish(endedBy);
  }
}

function receivePage(page) {
  clearTimeout(snapshotTimer);
  if (!hasPage) {
    tellStatus('snapshotReceived');
  }
  showScreen();
  byId('page-title').textContent = String(page.title || '');
  byId('page-url').textContent = String(page.url || '');
  showPage(byId('page'), page, text.masked);
  if (!hasPage) {
    hasPage = true;
    tellStatus('viewerReady');
  }
}

async function endSession() {
  byId('end').disabled = true;
  try {
    const response = await fetch(`${path}/end`, { method: 'POST' });
    if (response.ok) {
      return;
    }
  } catch {
    // Falls through to the message.
  }
  byId('end').disabled = false;
  showHint(text.unreachable[1]);
}

function finish(endedBy) {
  clearTimeout(snapshotTimer);
  setActive(false);
  tellParent({ type: 'sessionEnded', reason: 'ended' });
  const url = webUrl(branding.on_end_url);
  if (url) {
    // assumed: in an iframe, the frame itself is redirected.
    location.assign(url);
    return;
  }
  const message = endedBy === 'declined' ? text.declined : text.ended[endedBy] || text.ended.other;
  // assumed: a request that nobody accepted is a problem that can be retried.
  showMessage(message, { isProblem: endedBy === 'declined' || endedBy === 'timeout' });
  if (!embedded) {
    setTimeout(() => window.close(), CLOSE_DELAY_MS);
  }
}

window.addEventListener('pagehide', () => {
  if (sessionId && state !== 'terminated') {
    // The id keeps a late message of this page from ending the session of a page that was opened since.
    fetch(`${path}/leave?session_id=${encodeURIComponent(sessionId)}`, { method: 'POST', keepalive: true });
  }
});

// The page left its session when it was put aside.
window.addEventListener('pageshow', (event) => {
  if (event.persisted) {
    location.reload();
  }
});

// The address as a URL that may be followed, or null. A link must not run a script.
function webUrl(address) {
  try {
    const url = new URL(address);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
  } catch {
    return null;
  }
}

// ---- what the page shows

// Without the agent's UI, only problems are shown: the embedding page gets the other states as messages.
function showMessage([title, explanation], { waits = false, isProblem = false } = {}) {
  byId('screen').hidden = true;
  byId('side').hidden = true;
  byId('message').hidden = pageOnly && !isProblem;
  byId('spinner').hidden = !waits;
  byId('message-title').textContent = title;
  byId('message-text').textContent = fill(explanation, { visitor: visitorName });
  const url = webUrl(branding.retry_url);
  byId('retry').hidden = !(isProblem && url);
  if (isProblem && url) {
    byId('retry').href = url;
  }
}

function showProblem(message) {
  setActive(false);
  showMessage(message, { isProblem: true });
  tellParent({ type: 'sessionEnded', reason: 'error' });
}

function showScreen() {
  byId('message').hidden = true;
  byId('screen').hidden = false;
  byId('side').hidden = pageOnly;
  setActive(true);
}

function showHint(hint) {
  byId('hint').hidden = pageOnly || !hint;
  byId('hint').textContent = hint;
}

function setActive(active) {
  for (const button of byId('tools').children) {
    button.disabled = !active;
  }
  byId('end').disabled = state === 'waiting' || state === 'terminated';
  if (!active) {
    showHint('');
  }
}

function icon(shape) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const outline = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  outline.setAttribute('d', shape);
  svg.append(outline);
  return svg;
}

function addTool([permission, name, shape]) {
  if (permissions[permission] !== true) {
    return;
  }
  const label = text.tool[name];
  const button = document.createElement('button');
  button.type = 'button';
  button.dataset.permission = permission;
  button.setAttribute('aria-pressed', 'false');
  button.append(icon(shape), label);
  if (name === 'notes') {
    button.setAttribute('aria-pressed', 'true');
    button.setAttribute('aria-controls', 'notes');
    button.addEventListener('click', () => {
      const notes = byId('notes');
      notes.hidden = !notes.hidden;
      button.setAttribute('aria-pressed', String(!notes.hidden));
    });
  } else {
    button.className = 'pretended';
    button.title = fill(text.pretended_title, { tool: label });
    button.addEventListener('click', () => {
      const pressed = button.getAttribute('aria-pressed') !== 'true';
      for (const other of byId('tools').querySelectorAll('.pretended')) {
        other.setAttribute('aria-pressed', String(pressed && other === button));
      }
      showHint(pressed ? fill(text.pretended, { tool: label }) : '');
    });
  }
  byId('tools').append(button);
}

// In a toolbar, the arrow keys move between the buttons, and Tab leaves it.
function moveInToolbar(event) {
  const buttons = [...byId('tools').children].filter((button) => !button.disabled);
  const position = buttons.indexOf(document.activeElement);
  const steps = { ArrowRight: position + 1, ArrowLeft: position - 1, Home: 0, End: buttons.length - 1 };
  if (position < 0 || !(event.key in steps)) {
    return;
  }
  event.preventDefault();
  const next = buttons.at(steps[event.key] % buttons.length);
  for (const button of byId('tools').children) {
    button.tabIndex = button === next ? 0 : -1;
  }
  next.focus();
}

function addDetails() {
  byId('details-title').textContent = text.details;
  const visitor = settings.visitor || {};
  const shown = {
    short_id: visitor.short_id,
    name: visitor.name,
    ip_address: visitor.ip_address,
    location: [visitor.location_city, visitor.location_country_name].filter(Boolean).join(', '),
    browser: visitor.browser_name,
  };
  // assumed: only the id is no private detail. The server leaves the others out, too.
  const hidden = permissions.hide_private_details === true;
  for (const [name, value] of Object.entries(shown)) {
    if (value && (!hidden || name === 'short_id')) {
      const term = document.createElement('dt');
      const description = document.createElement('dd');
      term.textContent = text.labels[name];
      description.textContent = String(value);
      byId('details-list').append(term, description);
    }
  }
  if (hidden) {
    const note = document.createElement('p');
    note.textContent = text.private;
    byId('details').append(note);
  }
}

function buildPage() {
  document.documentElement.lang = text.name;
  document.title = visitorName ? `${visitorName} – ${text.page_title}` : text.page_title;
  document.body.classList.toggle('page-only', pageOnly);
  byId('retry').textContent = text.retry;
  byId('page').setAttribute('aria-label', text.visitor_page);
  byId('bar').hidden = pageOnly || Boolean(settings.problem);
  byId('logo').hidden = branding.naked === true;
  byId('visitor').textContent = visitorName;
  const viewer = settings.viewer?.name || settings.viewer?.id;
  const agent = settings.agent?.name || settings.agent?.id;
  byId('watchers').textContent = [
    agent && fill(text.agent, { name: agent }),
    viewer && fill(text.viewer, { name: viewer }),
  ].filter(Boolean).join(' · ');
  byId('end').textContent = text.end;
  byId('end').addEventListener('click', endSession);
  byId('tools').setAttribute('aria-label', text.tools);
  byId('tools').addEventListener('keydown', moveInToolbar);
  TOOLS.forEach(addTool);
  byId('legend').textContent = text.legend;
  byId('legend').hidden = byId('tools').querySelector('.pretended') === null;
  [...byId('tools').children].forEach((button, index) => {
    button.tabIndex = index === 0 ? 0 : -1;
  });
  byId('notes').hidden = permissions.allow_notes !== true;
  byId('notes-title').textContent = text.notes;
  byId('notes-hint').textContent = text.notes_hint;
  byId('notes-text').value = settings.initial_notes || '';
  addDetails();
  setActive(false);
}

function run() {
  buildPage();
  if (settings.problem) {
    showProblem(settings.problem === 'expired' ? text.expired : text.unknown);
    return;
  }
  tellStatus('waiting');
  showMessage(text.waiting, { waits: true });
  startSession();
}

// A browser may load the page before the agent opens it. That must not start a session.
if (document.prerendering) {
  document.addEventListener('prerenderingchange', run, { once: true });
} else {
  run();
}
