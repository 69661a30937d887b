// The selected request and its response, side by side.

/** What is shown, so that reading, selecting and scrolling are not disturbed by an update that changes nothing. */
let shownDetails = '';

const quoteForShell = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** Headers that describe the connection of the original client, or that curl sets itself. */
const NOT_COPIED = new Set(['host', 'content-length', 'connection', 'accept-encoding', 'user-agent', 'x-api-key']);

function curlCommand(entry) {
  const query = entry.query === null ? '' : `?${entry.query}`;
  const parts = ['curl'];
  if (entry.method !== 'GET') {
    parts.push('-X', entry.method);
  }
  if ('x-api-key' in entry.headers) {
    parts.push('-H', quoteForShell('X-Api-Key: sandbox-key'));
  }
  for (const [name, value] of Object.entries(entry.headers)) {
    if (!NOT_COPIED.has(name)) {
      parts.push('-H', quoteForShell(`${name}: ${value}`));
    }
  }
  if (entry.body !== null) {
    parts.push('--data-binary', quoteForShell(entry.body));
  }
  parts.push(quoteForShell(location.origin + entry.path + query));
  return parts.join(' ');
}

function headersView(headers) {
  const lines = Object.entries(headers ?? {});
  const rows = lines.map(([name, value]) => [element('dt', { text: name }), element('dd', { text: String(value) })]);
  return element('details', { class: 'headers' },
    element('summary', { text: `${lines.length} header${lines.length === 1 ? '' : 's'}` }),
    element('dl', {}, ...rows.flat()));
}

const part = (title, ...children) => element('div', { class: 'part' }, element('h3', { text: title }), ...children);

function requestPart(entry) {
  const parameters = Array.from(new URLSearchParams(entry.query ?? ''));
  const query = parameters.flatMap(([name, value]) => [element('dt', { text: name }), element('dd', { text: value })]);
  return part('Request',
    query.length > 0 ? element('dl', { class: 'query-list', 'aria-label': 'Query' }, ...query) : null,
    headersView(entry.headers),
    entry.body === null ? element('p', { class: 'hint', text: 'No body' }) : bodyView(entry.body));
}

function messageOf(response) {
  try {
    return JSON.parse(response.body).message;
  } catch {
    return undefined;
  }
}

function responsePart(entry) {
  if (!isFinished(entry)) {
    return part('Response', element('p', { class: 'hint', text: 'Not answered yet' }));
  }
  const children = [];
  // The note of most errors is also the message in the body.
  if (entry.note && entry.note !== messageOf(entry.response)) {
    children.push(element('p', { class: 'explanation', text: entry.note }));
  }
  if (entry.fault !== null) {
    children.push(element('p', { class: 'explanation' }, 'Fault: ', element('code', { text: JSON.stringify(entry.fault) })));
  }
  const { response } = entry;
  if (response) {
    children.push(headersView(response.headers), response.body ? bodyView(response.body) : element('p', { class: 'hint', text: 'No body' }));
    if (response.cut) {
      children.push(element('p', { class: 'hint', text: `Cut: ${response.cut}` }));
    }
  } else {
    children.push(element('p', { class: 'hint', text: entry.status ? 'The sandbox did not record the response.' : 'No response was sent.' }));
  }
  return part('Response', ...children);
}

function showDetails(entry) {
  const details = byId('details');
  const state = entry === null ? '' : JSON.stringify(entry);
  if (state === shownDetails) {
    return;
  }
  const opened = shownDetails === '';
  shownDetails = state;
  const hadFocus = details.contains(document.activeElement);
  details.hidden = entry === null;
  byId('requests').classList.toggle('split', entry !== null);
  if (entry === null) {
    details.replaceChildren();
    return;
  }
  const curl = element('button', { type: 'button', title: 'Copy as a curl command', text: 'Copy as curl' });
  curl.addEventListener('click', () => copy(curl, curlCommand(entry)));
  const close = element('button', { type: 'button', class: 'icon', title: 'Close (Escape)', 'aria-label': 'Close the details' }, icon('close'));
  close.addEventListener('click', closeDetails);
  details.replaceChildren(
    element('div', { class: 'details-head' },
      element('span', { class: `method ${entry.method.toLowerCase()}`, text: entry.method }),
      element('code', { class: 'details-path', text: entry.path }),
      element('span', { class: statusClass(entry), text: statusText(entry) }),
      curl, close),
    element('div', { class: 'parts' }, requestPart(entry), responsePart(entry)));
  if (hadFocus) {
    close.focus();
  }
  if (opened) {
    requestList.querySelector('[aria-pressed="true"]')?.scrollIntoView({ block: 'nearest' });
  }
}

function closeDetails() {
  const row = requestList.querySelector('[aria-pressed="true"]');
  selectRequest(null);
  (row ?? byId('requests-title')).focus();
}

byId('requests').addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && requestLog.selected !== null && !event.target.matches('input')) {
    closeDetails();
  }
});

