// The panel of webhooks, latest first.

const MAX_WEBHOOKS = 100;

const webhookList = byId('webhook-list');
makeNavigable(webhookList);

function webhookRow({ number, url, session_id: session, started_ms: started }) {
  const status = element('span');
  const error = element('span', { class: 'meta error' });
  const duration = element('span', { class: 'duration' });
  const row = element('li', { class: 'row' },
    element('span', { class: 'main' },
      element('span', { class: 'title' }, element('span', { class: 'webhook-url', text: url, title: url }), status),
      element('span', { class: 'meta', text: `#${number} · session ${session}` }, duration),
      error));
  row.update = (webhook) => {
    const finished = webhook.finished_ms !== null;
    setText(status, webhook.status ? String(webhook.status) : (finished ? 'failed' : '…'));
    setClass(status, statusClass(webhook));
    setText(duration, finished ? ` · ${webhook.finished_ms - started} ms` : '');
    setText(error, webhook.error ?? '');
    error.hidden = !webhook.error;
  };
  return row;
}

async function loadWebhooks() {
  const { webhooks } = await control('GET', '/webhooks');
  setCount('webhooks', webhooks.length);
  updateList(webhookList, webhooks.slice(-MAX_WEBHOOKS).reverse(), (webhook) => webhook.number, webhookRow);
  setNote('webhook-note', webhooks.length === 0
    ? 'No webhooks yet. One is sent when a session with a webhook_url ends.'
    : (webhooks.length > MAX_WEBHOOKS ? `The latest ${MAX_WEBHOOKS}.` : ''));
}

