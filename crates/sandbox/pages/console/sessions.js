// The panel of sessions.

const sessionList = byId('session-list');
makeNavigable(sessionList);

/** assumed: a session that its visitor has not accepted yet has not gone live. */
function sessionState(session) {
  if (session.ended_at) {
    return 'ended';
  }
  return session.went_live ? 'active' : 'pending';
}

const STATE_NAMES = { pending: 'Pending', active: 'Active', ended: 'Ended' };

function sessionRow({ id }) {
  const state = element('span', { class: 'pill' });
  const title = element('span', { class: 'session-title' });
  const meta = element('span', { class: 'meta' });
  const button = (text, states, path, body) => {
    const node = element('button', { type: 'button', text, 'data-control': '', 'data-action': path, 'data-by': body.by });
    node.states = states;
    node.addEventListener('click', () => act(node, () => control('POST', `/sessions/${encodeURIComponent(id)}/${path}`, body)));
    return node;
  };
  const buttons = [
    button('Accept', ['pending'], 'accept', {}),
    button('Decline', ['pending'], 'decline', {}),
    button('Agent ends', ['active'], 'end', { by: 'agent' }),
    button('Visitor ends', ['active'], 'end', { by: 'visitor' }),
  ];
  const row = element('li', { class: 'row' },
    element('span', { class: 'main' }, element('span', { class: 'title' }, title, state), meta),
    element('span', { class: 'actions' }, ...buttons));
  row.update = (session) => {
    const current = sessionState(session);
    setText(state, STATE_NAMES[current]);
    setClass(state, `pill ${current}`);
    setText(title, session.visitor_name || session.visitor_id);
    const agents = (session.agents ?? []).map((agent) => agent.name || agent.agent_identifier || agent.id).join(', ');
    const length = formatDuration(session.length_seconds * 1000);
    const started = formatAge(latestOverview.now, session.started_at);
    setText(meta, [id, agents, current === 'ended' ? `${length} · ${started}` : length].filter(Boolean).join(' · '));
    setAttribute(meta, 'title', `Started ${session.started_at}${session.ended_at ? `, ended ${session.ended_at}` : ''}`);
    buttons.forEach((each) => {
      each.hidden = !each.states.includes(current);
    });
  };
  return row;
}

function showSessions(overview) {
  setCount('sessions', overview.session_count);
  setText(byId('ongoing'), overview.ongoing_count ? `${overview.ongoing_count.toLocaleString('en')} ongoing` : '');
  updateList(sessionList, overview.sessions, (session) => session.id, sessionRow);
  const shown = overview.sessions.length;
  setNote('session-note', shown === 0
    ? 'No sessions yet. A session starts when an agent opens a watch link.'
    : (overview.session_count > shown ? `The latest ${shown}. The API lists all.` : ''));
}

