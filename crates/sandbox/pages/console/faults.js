// The panel of faults: what the sandbox does to the next API requests.

const KINDS = [
  ['503 unavailable', { status: 503, body: { status: 'error', error: 'unavailable' } }],
  ['429, retry in 2 s', { status: 429, headers: { 'Retry-After': 2 }, body: { error: 'Too many requests' } }],
  ['500 with HTML', { status: 500, headers: { 'Content-Type': 'text/html' }, body: '<h1>Internal Server Error</h1>' }],
  ['200, broken JSON', { status: 200, body: '{"status": "ok", ' }],
  ['Delay of 3 s', { delay_ms: 3000 }],
  ['Close before response', { drop: 'before_response' }],
  ['Close in mid-body', { drop: 'mid_body' }],
  ['Close after response', { drop: 'after_response' }],
];

const faultList = byId('fault-list');
makeNavigable(faultList);

byId('fault-kind').append(...KINDS.map(([label], index) => element('option', { value: index, text: label })));

/** How each member of a fault is described. Other members are shown as JSON. */
const DESCRIPTIONS = {
  match: (match) => Object.values(match).join(' ') || 'every request',
  times: (times) => `${times} ×`,
  rate: (rate) => `${Math.round(rate * 100)} %`,
  used: (used) => `used ${used} ×`,
  per_minute: (count) => `at most ${count} per minute`,
  delay_ms: (delay) => `after ${delay} ms`,
  body_ms: (duration) => `body within ${duration} ms`,
  status: (status) => `status ${status}`,
  headers: (headers) => Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join(', '),
  body: (body) => (typeof body === 'string' ? body : JSON.stringify(body)),
  drop: (point) => `close ${point.replace('_', ' ').replace('mid ', 'in the middle of the ')}`,
};

function describeFault(fault) {
  const members = fault ?? {};
  const known = Object.keys(DESCRIPTIONS).filter((name) => name in members);
  const { length } = Object.keys(members);
  if (length === 0) {
    return 'no fault';
  }
  return known.length === length ? known.map((name) => DESCRIPTIONS[name](members[name])).join(' · ') : JSON.stringify(fault);
}

/** A fault as it can be set again. A rule also says how often it was used. */
function settable(fault) {
  if (fault?.used === undefined) {
    return [fault];
  }
  const { used, ...rule } = fault;
  const left = rule.times === undefined ? {} : { times: rule.times - used };
  return left.times === 0 ? [] : [{ ...rule, ...left }];
}

/** Replaces all faults. */
const putFaults = (faults) => control('POST', '/faults', faults.flatMap(settable));

function faultRow({ position }) {
  const text = element('code', { class: 'fault' });
  const remove = element('button', { type: 'button', class: 'icon', 'data-control': '', title: 'Remove' }, icon('close'));
  remove.addEventListener('click', () => act(remove, async () => {
    await refresh();
    await putFaults(latestOverview.faults.filter((_, index) => index !== position));
  }));
  const row = element('li', { class: 'row' },
    element('span', { class: 'main' }, text), element('span', { class: 'actions' }, remove));
  row.update = ({ fault }) => {
    setText(text, describeFault(fault));
    setAttribute(text, 'title', JSON.stringify(fault));
    remove.hidden = latestOverview.fault_count > latestOverview.faults.length;
    setAttribute(remove, 'aria-label', `Remove fault ${position + 1}`);
  };
  return row;
}

function showFaults(overview) {
  showOperations(overview.operations);
  setCount('faults', overview.fault_count);
  updateList(faultList, overview.faults.map((fault, position) => ({ fault, position })), (item) => item.position, faultRow);
  byId('clear-faults').hidden = overview.fault_count === 0;
  const hidden = overview.fault_count - overview.faults.length;
  setNote('fault-note', overview.fault_count === 0
    ? 'No faults. Each API request with a valid key uses one, in this order.'
    : (hidden > 0 ? `${hidden.toLocaleString('en')} more` : ''));
}

function showFaultJson() {
  byId('fault-json').value = JSON.stringify(KINDS[byId('fault-kind').value][1], null, 1);
}

byId('fault-kind').addEventListener('change', showFaultJson);
showFaultJson();

/** A rule that counts its requests, or one fault for each request. */
function repeatFault(fault) {
  const times = byId('fault-times').valueAsNumber;
  const operation = byId('fault-operation').value;
  const match = fault?.match ?? (operation === '' ? undefined : { operation });
  return match ? [{ match, times, ...fault }] : Array(times).fill(fault);
}

/** The operations are those of the sandbox, so the list of them is made once. */
function showOperations(operations) {
  const select = byId('fault-operation');
  if (select.length === 1) {
    select.append(...operations.map((name) => element('option', { value: name, text: name })));
  }
}

byId('fault-form').addEventListener('submit', (event) => {
  event.preventDefault();
  act(event.submitter, async () => {
    let fault;
    try {
      fault = JSON.parse(byId('fault-json').value);
    } catch (error) {
      showMessage(`The fault is not JSON: ${error.message}`);
      return;
    }
    await refresh();
    if (latestOverview.fault_count > latestOverview.faults.length) {
      showMessage('There are too many faults to add one here. Clear them first.');
      return;
    }
    await putFaults([...latestOverview.faults, ...repeatFault(fault)]);
  });
});

byId('clear-faults').addEventListener('click', (event) => act(event.currentTarget, () => putFaults([])));

