// The panel of visitors.

const visitorList = byId('visitor-list');
makeNavigable(visitorList);

function initials(name) {
  const words = (name ?? '').split(/\s+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words[words.length - 1] : undefined].filter(Boolean);
  return letters.map((word) => Array.from(word)[0]).join('').toUpperCase() || '?';
}

function visitorRow({ short_id: id }) {
  let visitor;
  const attributes = element('div', { class: 'attributes', hidden: true });
  const name = element('button', {
    type: 'button', class: 'name', 'data-control': '', 'aria-expanded': 'false', on: { click: () => toggleAttributes() },
  });
  const avatar = element('span', { class: 'avatar', 'aria-hidden': 'true' });
  const meta = element('span', { class: 'meta' });
  const state = element('span', { class: 'pill' });

  const toggle = (attribute, symbol) => {
    const button = element('button', { type: 'button', class: 'toggle', 'data-control': '', 'data-action': attribute }, icon(symbol));
    button.addEventListener('click', () => act(button, () => (
      control('POST', '/visitors', { short_id: id, [attribute]: !visitor[attribute] })
    )));
    return button;
  };
  const online = toggle('is_online', 'power');
  const hand = toggle('is_waiting_for_call', 'hand');
  const start = element('button', { type: 'button', class: 'toggle', 'data-control': '', 'data-action': 'start' }, icon('play'));
  start.addEventListener('click', () => act(start, () => (
    control('POST', '/sessions', { visitor_id: id, agent: { id: 'sandbox-page', name: 'Sandbox page' } })
  )));

  function toggleAttributes() {
    attributes.hidden = !attributes.hidden;
    name.setAttribute('aria-expanded', String(!attributes.hidden));
    showAttributes();
  }

  function showAttributes() {
    const text = attributes.hidden ? '' : JSON.stringify(visitor);
    if (attributes.text !== text) {
      attributes.text = text;
      attributes.replaceChildren(...(text ? [bodyView(text)] : []));
    }
  }

  const row = element('li', { class: 'row' },
    avatar,
    element('span', { class: 'main' }, element('span', { class: 'title' }, name, state), meta),
    element('span', { class: 'actions' }, online, hand, start),
    attributes);
  row.update = (updated) => {
    visitor = updated;
    const title = visitor.name || visitor.nickname || visitor.unique_id || id;
    setText(avatar, initials(visitor.name || visitor.nickname));
    setClass(avatar, visitor.is_online ? 'avatar online' : 'avatar');
    setText(name, title);
    const code = visitor.lookup_code && `code ${visitor.lookup_code}`;
    const parts = [id, code, visitor.unique_id, visitor.location_city, ...(visitor.tags ?? []).map((tag) => `#${tag}`)];
    setText(meta, parts.filter((part) => typeof part === 'string' && part !== '').join(' · '));
    const states = [[visitor.is_in_session, 'In session', 'pill active'], [visitor.is_waiting_for_call, 'Hand raised', 'pill pending']];
    const [, label, style] = states.find(([applies]) => applies) ?? [false, '', 'pill'];
    setText(state, label);
    setClass(state, style);
    state.hidden = label === '';
    const labelled = (button, pressed, text) => {
      setAttribute(button, 'aria-pressed', String(pressed));
      setAttribute(button, 'aria-label', `${title}: ${text}`);
      setAttribute(button, 'title', text);
    };
    labelled(online, Boolean(visitor.is_online), visitor.is_online ? 'online; click to go offline' : 'offline; click to come online');
    labelled(hand, Boolean(visitor.is_waiting_for_call), visitor.is_waiting_for_call ? 'waits for a call; click to lower the hand' : 'raise a hand');
    setAttribute(start, 'aria-label', `${title}: start a session`);
    setAttribute(start, 'title', 'Start a session');
    start.hidden = Boolean(visitor.is_in_session);
    showAttributes();
  };
  return row;
}

function showVisitors(overview) {
  setCount('visitors', overview.visitor_count);
  updateList(visitorList, overview.visitors, (visitor) => visitor.short_id, visitorRow);
  const search = searchText();
  const shown = overview.visitors.length;
  setNote('visitor-note', shown === 0
    ? (search ? `No visitor matches “${search}”.` : 'No visitors. Add one, or start the sandbox with --visitors.')
    : (overview.more_visitors ? `The ${shown} that were seen last. Search to find others.` : ''));
}

const searchText = () => byId('visitor-search').value.trim();

byId('visitor-search').addEventListener('input', () => refresh());

const visitorDialog = byId('visitor-dialog');
byId('add-visitor').addEventListener('click', () => {
  const random = crypto.getRandomValues(new Uint8Array(10));
  byId('new-id').value = Array.from(random, (byte) => 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'[byte % 32]).join('');
  byId('new-name').value = '';
  visitorDialog.returnValue = '';
  visitorDialog.showModal();
});
// The Enter key must add the visitor, although the first button of the form is another one.
visitorDialog.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && event.target.matches('input')) {
    event.preventDefault();
    visitorDialog.querySelector('[value="add"]').click();
  }
});
visitorDialog.addEventListener('close', () => {
  if (visitorDialog.returnValue !== 'add') {
    return;
  }
  const visitor = { short_id: byId('new-id').value, is_online: byId('new-online').checked };
  if (byId('new-name').value !== '') {
    visitor.name = byId('new-name').value;
  }
  if (byId('new-acceptance').checked) {
    visitor.requires_acceptance = true;
  }
  act(byId('add-visitor'), () => control('POST', '/visitors', visitor));
});

