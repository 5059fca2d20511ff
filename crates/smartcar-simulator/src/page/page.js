'use strict';
const at = (id) => document.getElementById(id);
const root = '/_simulator';

/** An element with text, attributes and children. Text is never read as HTML. */
function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === 'onclick') made.addEventListener('click', value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null).map((child) => (child instanceof Node ? child : String(child))));
  return made;
}

/** Replaces the children only if they differ, so that the focus stays. */
function fill(place, children) {
  const fresh = el('div', {}, ...children);
  if (place.dataset.shown === fresh.innerHTML) return;
  place.dataset.shown = fresh.innerHTML;
  const key = document.activeElement && place.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  place.replaceChildren(...fresh.childNodes);
  if (key) place.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
}

function notice(text) { at('notice').textContent = text; }

/** Calls an admin route. What is refused is said on the page. */
async function call(method, path, body) {
  notice('');
  try {
    const options = { method };
    if (body !== undefined) options.body = JSON.stringify(body);
    const answer = await fetch(root + path, options);
    const json = await answer.json();
    if (!answer.ok) { notice(json.error); return null; }
    return json;
  } catch {
    notice('The simulator does not answer.');
    return null;
  }
}

const percent = (fraction) => (fraction === null || fraction === undefined ? '–' : `${(fraction * 100).toFixed(0)} %`);
const trails = new Map();
let requests = [];
let newest = 0;

function act(car, label, body, key) {
  const name = `${label} ${car.id}`;
  return el('button', { 'aria-label': name, 'data-key': `${key}|${car.id}`, onclick: () => call('PATCH', `/vehicles/${encodeURIComponent(car.id)}`, body) }, label);
}

function row(car) {
  const id = el('th', { scope: 'row' }, car.id);
  if (!car.make) return el('tr', {}, id, el('td', { colspan: 6 }, 'the values of the spec’s examples'));
  const state = [car.activity, car.is_charging ? 'charging' : null, car.plugged_in === false && car.activity === 'at home' ? 'unplugged' : null, car.asleep ? 'asleep' : null];
  const actions = el('td', {},
    car.plugged_in === null ? null : car.plugged_in ? act(car, 'Unplug', { plugged_in: false }, 'plug') : act(car, 'Plug in', { plugged_in: true }, 'plug'),
    car.asleep ? act(car, 'Wake', { asleep: false }, 'sleep') : act(car, 'Sleep', { asleep: true }, 'sleep'),
    el('button', { 'aria-label': `Permissions of ${car.id}`, 'data-key': `may|${car.id}`, onclick: () => permissions(car.id) }, 'Permissions'),
    el('button', { 'aria-label': `Remove ${car.id}`, 'data-key': `gone|${car.id}`, onclick: () => call('DELETE', `/vehicles/${encodeURIComponent(car.id)}`) }, 'Remove'));
  return el('tr', {}, id,
    el('td', {}, `${car.make} ${car.model}, ${car.powertrain}`),
    el('td', {}, percent(car.battery_fraction)),
    el('td', {}, percent(car.fuel_fraction)),
    el('td', {}, `${car.odometer_km.toFixed(1)} km`),
    el('td', {}, state.filter(Boolean).join(', ')),
    actions);
}

function permissions(id) {
  const car = last.vehicles.find((one) => one.id === id);
  const granted = (name) => car.permissions === null || car.permissions.includes(name);
  const boxes = last.permissions.map((name) => {
    const box = el('input', { type: 'checkbox' });
    box.checked = granted(name);
    box.addEventListener('change', () => call('PATCH', `/vehicles/${encodeURIComponent(id)}`, box.checked ? { grant: name } : { revoke: name }));
    return el('label', {}, box, ` ${name}`);
  });
  show(`Permissions of ${id}`, boxes);
}

function draw(cars) {
  const svg = at('way');
  const placed = cars.filter((car) => typeof car.latitude === 'number');
  for (const car of placed) {
    const trail = trails.get(car.id) ?? [[car.home[1], car.home[0]]];
    const end = trail[trail.length - 1];
    if (end[0] !== car.longitude || end[1] !== car.latitude) trail.push([car.longitude, car.latitude]);
    if (trail.length > 300) trail.shift();
    trails.set(car.id, trail);
  }
  const points = placed.flatMap((car) => trails.get(car.id));
  const title = svg.querySelector('title');
  svg.replaceChildren(title);
  if (!points.length) return;
  const bounds = [0, 1].map((axis) => {
    const all = points.map((point) => point[axis]);
    return [Math.min(...all), Math.max(...all)];
  });
  const place = (point) => {
    const part = (axis) => (bounds[axis][1] === bounds[axis][0] ? 0.5 : (point[axis] - bounds[axis][0]) / (bounds[axis][1] - bounds[axis][0]));
    return [20 + part(0) * 300, 280 - part(1) * 260].map((number) => number.toFixed(1));
  };
  const mark = (name, attributes, text) => {
    const made = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    svg.append(made);
  };
  for (const car of placed) {
    mark('polyline', { points: trails.get(car.id).map((point) => place(point).join(',')).join(' ') });
    const [x, y] = place([car.longitude, car.latitude]);
    mark('circle', { cx: x, cy: y, r: 5 });
    mark('text', { x: Number(x) + 8, y: Number(y) + 4 }, `${car.make} ${car.id.slice(0, 8)}`);
  }
}

function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text || '(empty)'; }
}

async function detail(number) {
  const found = await call('GET', `/log?after=${number - 1}`);
  const one = found?.log.find((entry) => entry.number === number);
  if (!one) { notice(`Request ${number} is no longer kept.`); return; }
  show(`Request ${number}`, [
    el('p', {}, `${one.method} ${one.path}, ${one.status ?? 'reset'}, at ${one.at}, ${one.milliseconds.toFixed(2)} ms, price ${one.price}`),
    el('h3', {}, 'Request'), el('pre', { tabindex: 0 }, pretty(one.request_body)),
    el('h3', {}, 'Answer'), el('pre', { tabindex: 0 }, pretty(one.response_body))]);
}

function entry(one) {
  const status = one.status ?? 'reset';
  const failed = one.items.filter((item) => item.code !== 200);
  const items = one.items.length > 8 ? `${one.items.length}, ${failed.length} failed` : one.items.map((item) => `${item.path} ${item.code}`).join(', ');
  return el('tr', {},
    el('td', {}, el('button', { 'aria-label': `Show request ${one.number}`, 'data-key': `log|${one.number}`, onclick: () => detail(one.number) }, one.number)),
    el('td', {}, `${one.method} ${one.path}`),
    el('td', { class: status === 200 ? 'good' : 'bad' }, status),
    el('td', {}, items), el('td', {}, one.price),
    el('td', {}, one.faults.join(', ')), el('td', {}, one.milliseconds.toFixed(1)));
}

let last = { vehicles: [], permissions: [] };

function render(state) {
  last = state;
  at('now').textContent = state.now;
  at('now').setAttribute('datetime', state.now);
  at('speed').textContent = state.speed === 0 ? 'stopped' : state.speed === 1 ? 'in real time' : `${state.speed} times as fast`;
  fill(at('cars'), state.vehicles.map(row));
  at('no-vehicles').hidden = state.vehicles.length > 0;
  const hidden = state.vehicles_in_all - state.vehicles.length;
  at('more-vehicles').textContent = hidden > 0 ? `and ${hidden} more` : '';
  draw(state.vehicles);
  fill(at('faults'), state.faults.map((it) => {
    const near = it.near_misses ? `, ${it.near_misses} near misses` : '';
    const end = el('button', { 'aria-label': `End fault ${it.id}`, 'data-key': `fault|${it.id}`, onclick: () => call('DELETE', `/faults/${it.id}`) }, 'End');
    return el('li', {}, `${it.id}: ${JSON.stringify(it.fault)}`, it.never_struck ? ` (never struck${near}) ` : ' ', end);
  }));
  at('no-faults').hidden = state.faults.length > 0;
  at('limits').textContent = state.limits;
  const left = state.left.vehicles.map((it) => el('li', {}, `${it.id}: ${[it.at_once === null ? null : `${it.at_once} at once`, it.month === null ? null : `${it.month} this month`].filter(Boolean).join(', ')}`));
  if (state.left.application !== null) left.unshift(el('li', {}, `application: ${state.left.application} left`));
  fill(at('left'), left);
  fill(at('hooks'), state.webhooks.map((it) => el('li', {}, `${it.url}, ${it.is_verified ? 'verified' : 'not verified'}`)));
  at('no-hooks').hidden = state.webhooks.length > 0;
  fill(at('deliveries'), state.deliveries.slice(0, 20).map((it) => el('li', {}, `${it.at} ${it.event_type} ${it.vehicle ?? ''} attempt ${it.attempt}: ${it.status ?? 'no answer'}${it.faults.length ? `, ${it.faults.map((fault) => fault.kind).join(', ')}` : ''}`)));
  fill(at('repeats'), state.repeats.slice(0, 20).map((it) => el('li', {}, `${it.due} ${it.vehicle ?? 'verification'} attempt ${it.attempt}`)));
  if (state.newest < newest || state.log.some((one) => one.number <= newest)) requests = requests.filter((one) => one.number <= state.newest && !state.log.some((fresh) => fresh.number === one.number));
  newest = state.newest;
  requests = [...state.log.reverse(), ...requests].slice(0, 200);
  fill(at('log'), requests.map(entry));
  at('no-log').hidden = requests.length > 0;
}

function show(title, children, text) {
  at('dialog-title').textContent = title;
  at('dialog-body').replaceChildren(...children);
  const link = at('download');
  link.hidden = text === undefined;
  if (text !== undefined) link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  at('dialog').showModal();
}

function form(id, send) {
  at(id).addEventListener('submit', async (event) => {
    event.preventDefault();
    const given = Object.fromEntries([...new FormData(event.target)].filter(([, value]) => value !== ''));
    if (await send(given)) event.target.reset();
  });
}

form('add', (given) => call('POST', '/vehicles', given));
form('fault', (given) => call('POST', '/faults', given));
form('hook', (given) => call('POST', '/webhooks', given));
for (const button of document.querySelectorAll('[data-speed]')) button.addEventListener('click', () => call('POST', '/clock', { speed: Number(button.dataset.speed) }));
for (const button of document.querySelectorAll('[data-step]')) button.addEventListener('click', () => call('POST', '/clock', { advance_seconds: Number(button.dataset.step) }));
for (const button of document.querySelectorAll('[data-limits]')) button.addEventListener('click', () => call('POST', '/limits', JSON.parse(button.dataset.limits)));
for (const button of document.querySelectorAll('[data-deliver]')) button.addEventListener('click', () => call('POST', '/deliver', button.dataset.deliver ? { kind: button.dataset.deliver } : {}));
at('clear-faults').addEventListener('click', () => call('DELETE', '/faults'));
at('reset').addEventListener('click', async () => {
  if (await call('POST', '/reset', {})) { requests = []; trails.clear(); }
});
at('save').addEventListener('click', async () => {
  const saved = await call('GET', '/scenario');
  if (saved) show('Scenario', [el('pre', { tabindex: 0, id: 'scenario' }, saved.toml)], saved.toml);
});
at('kind').addEventListener('change', () => { at('fault-text').value = at('kind').value; });

async function kinds() {
  const known = await call('GET', '/fault_kinds');
  if (!known) return;
  at('kind').replaceChildren(...known.kinds.map((kind) => el('option', { value: kind.example }, `${kind.key}: ${kind.does}`)));
  at('fault-text').value = at('kind').value;
}

const events = new EventSource(`${root}/events`);
events.addEventListener('open', () => { at('connection').textContent = 'Live'; });
events.addEventListener('error', () => { at('connection').textContent = 'The simulator does not answer. What is shown may be old. Trying again…'; });
events.addEventListener('message', (event) => render(JSON.parse(event.data)));
kinds();
