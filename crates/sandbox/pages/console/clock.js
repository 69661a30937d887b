// The clock, and how times are written.

const UNITS = [['d', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1000]];

/** The two largest units: "2 d 3 h", "4 min 5 s". */
function formatDuration(ms) {
  const parts = [];
  let rest = Math.max(0, Math.floor(ms / 1000) * 1000);
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 && parts.length < 2) {
      parts.push(`${count.toLocaleString('en')} ${unit}`);
    } else if (parts.length > 0) {
      break;
    }
  }
  return parts.join(' ') || '0 s';
}

/** One unit: "3 h ago". */
function formatAge(now, text) {
  const age = Date.parse(now) - Date.parse(text);
  const unit = UNITS.find(([, size]) => age >= size);
  return unit ? `${Math.floor(age / unit[1]).toLocaleString('en')} ${unit[0]} ago` : 'now';
}

function showClock({ now, advanced_ms: advanced }) {
  setText(byId('now'), `${now.slice(0, 10)} ${now.slice(11, 19)}`);
  setAttribute(byId('now'), 'datetime', now);
  const offset = byId('clock-offset');
  offset.hidden = !advanced;
  setText(offset, `${formatDuration(advanced)} ahead`);
}

for (const button of document.querySelectorAll('[data-advance]')) {
  button.addEventListener('click', () => act(button, () => (
    control('POST', '/clock', { advance_ms: Number(button.dataset.advance) })
  )));
}

