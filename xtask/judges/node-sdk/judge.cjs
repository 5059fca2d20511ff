// Reads the simulator with Smartcar's Node.js SDK.
//
// Calls every read method of a vehicle, then all batchable paths in one batch, in
// both unit systems, and then provokes the errors. Metric results must equal the
// spec's examples, imperial ones a plain GET without the SDK.
//
// Invariant: the exit code is 1 if any line does not end with `ok`.
//
// Then it signs random webhook deliveries and challenges with the SDK, and lets the
// command receive them.
//
// usage: judge.cjs DESCRIPTION.json SMARTCAR, with SMARTCAR_API_ORIGIN, SMARTCAR_AUTH_ORIGIN,
// SMARTCAR_CLIENT_ID, SMARTCAR_CLIENT_SECRET, SMARTCAR_ACCESS_TOKEN and
// GUEST_TOKEN, which may read the odometer only
'use strict';

const {spawn} = require('node:child_process');
const {readFileSync} = require('node:fs');
const {createInterface} = require('node:readline');
const {isDeepStrictEqual} = require('node:util');
const smartcar = require('smartcar');

const VEHICLE = '36ab27d0-fd9d-4455-823a-ce30af709ffc';
const {SMARTCAR_API_ORIGIN: ORIGIN, SMARTCAR_ACCESS_TOKEN: TOKEN, GUEST_TOKEN: GUEST} = process.env;
const PREFIX = '/vehicles/{id}';
const SYSTEMS = ['metric', 'imperial'];
const SPEC = JSON.parse(readFileSync(process.argv[2], 'utf8'));
// Method to path. In the SDK, `serviceHistory` is a separate method.
const METHODS = {
  attributes: '/',
  vin: '/vin',
  odometer: '/odometer',
  location: '/location',
  fuel: '/fuel',
  battery: '/battery',
  batteryCapacity: '/battery/capacity',
  nominalCapacity: '/battery/nominal_capacity',
  charge: '/charge',
  getChargeLimit: '/charge/limit',
  engineOil: '/engine/oil',
  tirePressure: '/tires/pressure',
  lockStatus: '/security',
  permissions: '/permissions',
  diagnosticSystemStatus: '/diagnostics/system_status',
  diagnosticTroubleCodes: '/diagnostics/dtcs',
  serviceHistory: '/service/history',
};
const NOT_READ = [
  'getSignals', 'getSignal', // API v3, which is not this server
  'lock', 'unlock', 'startCharge', 'stopCharge', 'setChargeLimit',
  'sendDestination', 'disconnect', 'subscribe', 'unsubscribe', 'batch', 'request',
];
// A batch names its members after the path in camel case, except these.
const BATCH_NAMES = Object.fromEntries(
  ['attributes', 'tirePressure', 'lockStatus', 'diagnosticSystemStatus', 'diagnosticTroubleCodes']
    .map((name) => [METHODS[name], name]),
);
const camel = (path) => path.slice(1).replace(/[/_]([a-z])/g, (_, letter) => letter.toUpperCase());

let faults = 0;
const requestIds = new Set();

/** `ok`, or the fault. */
async function said(call) {
  let fault;
  try {
    fault = await call();
  } catch (error) {
    fault = `${error.name}: ${error.message}`;
  }
  if (fault) faults += 1;
  return fault || 'ok';
}

const line = (name, ...words) =>
  console.log(name.padEnd(46) + words.map((word) => word.padEnd(8)).join('  ').trimEnd());

const differ = (found, expected) =>
  isDeepStrictEqual(found, expected)
    ? null
    : `${JSON.stringify(found)} is not ${JSON.stringify(expected)}`;

/** Without the SDK: the body and the headers that become its meta. */
async function plain(path, system) {
  const url = `${ORIGIN}/v2.0/vehicles/${VEHICLE}${path === '/' ? '' : path}`;
  const headers = {Authorization: `Bearer ${TOKEN}`, 'sc-unit-system': system};
  const answer = await fetch(url, {headers, signal: AbortSignal.timeout(10_000)});
  if (answer.status !== 200) throw new Error(`${path} returned status ${answer.status}`);
  const date = (name) => {
    const value = answer.headers.get(name);
    return value === null ? {} : new Date(value);
  };
  const meta = {};
  if (answer.headers.has('sc-data-age')) meta.dataAge = date('sc-data-age');
  if (answer.headers.has('sc-fetched-at')) meta.fetchedAt = date('sc-fetched-at');
  if (answer.headers.has('sc-unit-system')) meta.unitSystem = answer.headers.get('sc-unit-system');
  return {body: await answer.json(), meta};
}

/** Every batchable path, with the expected results in both unit systems. */
async function endpoints() {
  const known = new Map();
  for (const [url, item] of Object.entries(SPEC.paths)) {
    if (!url.startsWith(PREFIX) || !item.get || item.get['x-smartcar-batchable'] === false) continue;
    const path = url.slice(PREFIX.length) || '/';
    const expected = {};
    for (const system of SYSTEMS) expected[system] = await plain(path, system);
    // The permissions depend on the token.
    if (path !== '/permissions') {
      const {example} = item.get.responses['200'].content['application/json'];
      if (path === '/' || path === '/tesla/attributes') example.id = VEHICLE;
      await report(`example ${path}`, () => differ(expected.metric.body, example));
    }
    known.set(path, expected);
  }
  return known;
}

/** Prints a line only for a fault. */
async function report(name, call) {
  const word = await said(call);
  if (word !== 'ok') line(name, word);
}

/** The SDK's form of one response: the body's members, with `meta` beside them. */
function reading(answer, {body, meta}, requestId) {
  const {meta: {requestId: id, ...found}, ...members} = answer;
  // A list is kept in `data`; in a batch the SDK spreads it, so its places are the names.
  const expected = Array.isArray(body) ? (requestId ? {...body} : {data: body}) : body;
  if (!id || (!requestId && requestIds.has(id))) return `request id ${id} is absent or not new`;
  if (requestId && id !== requestId) return `request id ${id} is not the batch's`;
  requestIds.add(id);
  return differ(members, expected) || differ(found, meta);
}

const vehicle = (token = TOKEN, unitSystem = 'metric') =>
  new smartcar.Vehicle(VEHICLE, token, {unitSystem});

/** null if the call fails with the SDK's error and these members. */
async function fails(call, expected) {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof smartcar.SmartcarError)) throw error;
    const found = Object.fromEntries(Object.keys(expected).map((key) => [key, error[key]]));
    if (!error.requestId || !error.docURL || !error.description) {
      return 'request id, documentation or description is absent';
    }
    return differ(found, expected);
  }
  return 'nothing was thrown';
}

async function both(name, call) {
  const words = [];
  for (const system of SYSTEMS) words.push(await said(() => call(system)));
  line(name, ...words);
}

async function judge() {
  const known = await endpoints();
  line('method', ...SYSTEMS);
  const judged = new Set([...Object.keys(METHODS), ...NOT_READ, 'constructor']);
  const methods = Object.getOwnPropertyNames(smartcar.Vehicle.prototype);
  const odd = methods.filter((name) => !judged.has(name));
  await report('methods', () => (odd.length ? `not judged: ${odd}` : null));
  for (const [name, path] of Object.entries(METHODS)) {
    await both(name, async (system) =>
      reading(await vehicle(TOKEN, system)[name](), known.get(path)[system]));
  }
  for (const [path, expected] of known) {
    if (Object.values(METHODS).includes(path)) continue;
    await both(`request GET ${path}`, async (system) => {
      const {body, meta} = await vehicle(TOKEN, system).request('GET', path.slice(1));
      return reading({...body, meta}, expected[system]);
    });
  }

  const batches = {};
  const ids = {};
  for (const system of SYSTEMS) {
    batches[system] = await vehicle(TOKEN, system).batch([...known.keys()]);
    // The SDK keeps the request ID of the batch only in its items.
    ids[system] = batches[system].vin().meta.requestId;
    await report('batch', () => (requestIds.has(ids[system]) ? 'its request id is not new' : null));
  }
  for (const [path, expected] of known) {
    const name = BATCH_NAMES[path] || camel(path);
    await both(`batch ${name}`, (system) =>
      reading(batches[system][name](), expected[system], ids[system]));
  }
  await queriesAndErrors(known);
  await tokens(known);
  if (!process.env.BRIEFLY) await webhooks();
  console.log(`${known.size} paths; ${faults} faults`);
  process.exitCode = faults ? 1 : 0;
}

/** Exchanges a code for tokens, refreshes them, and checks what each may read. */
async function tokens(known) {
  const client = new smartcar.AuthClient();
  // The result of an owner's consent. The simulator has no consent page.
  const answer = await fetch(`${ORIGIN}/_simulator/authorization_codes`, {
    method: 'POST',
    body: JSON.stringify({permissions: ['read_odometer']}),
    signal: AbortSignal.timeout(10_000),
  });
  const {code} = await answer.json();
  const pairs = [];
  const issued = async (call) => {
    const pair = await call();
    pairs.push(pair);
    const {accessToken, refreshToken, expiration} = pair;
    if (!accessToken || !refreshToken) return 'there is no pair of tokens';
    if (new Set(pairs.map((it) => it.accessToken)).size < pairs.length) return 'the access token is not new';
    if (new Set(pairs.map((it) => it.refreshToken)).size < pairs.length) return 'the refresh token is not new';
    const hours = (expiration - Date.now()) / 3_600_000;
    return hours > 1.9 && hours <= 2 ? null : `it ends in ${hours} hours`;
  };
  const reads = async () => {
    const owner = vehicle(pairs.at(-1)?.accessToken);
    const {distance} = await owner.odometer();
    return differ(distance, known.get('/odometer').metric.body.distance)
      || fails(() => owner.fuel(), {type: 'PERMISSION', statusCode: 403});
  };
  line('exchangeCode', await said(() => issued(() => client.exchangeCode(code))));
  line('its token', await said(reads));
  line('exchangeRefreshToken', await said(() =>
    issued(() => client.exchangeRefreshToken(pairs.at(-1)?.refreshToken))));
  line('its token', await said(reads));
  const stranger = new smartcar.AuthClient({clientSecret: 'other'});
  for (const [name, call] of [
    ['the code again', () => client.exchangeCode(code)],
    ['no such refresh token', () => client.exchangeRefreshToken('other')],
    ['no such secret', () => stranger.exchangeCode(code)],
  ]) {
    line(name, await said(() => denied(call)));
  }
}

/** null if no token is issued. */
async function denied(call) {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof smartcar.SmartcarError)) throw error;
    return [400, 401].includes(error.statusCode) ? null : `the status is ${error.statusCode}`;
  }
  return 'nothing was thrown';
}

async function queriesAndErrors(known) {
  const {permissions} = known.get('/permissions').metric.body;
  line('permissions, page 2', await said(async () => {
    const page = await vehicle().permissions({limit: 2, offset: 1});
    return differ(page.permissions, permissions.slice(1, 3))
      || differ(page.paging, {count: permissions.length, offset: 1});
  }));
  line('getVehicles', await said(async () => {
    const {vehicles, paging} = await smartcar.getVehicles(TOKEN, {limit: 2, offset: 0});
    return vehicles.length === 2 && paging.count >= 2 ? null : JSON.stringify({vehicles, paging});
  }));
  line('serviceHistory with dates', await said(async () => {
    const history = await vehicle().serviceHistory('2024-01-01', '2026-01-01');
    return reading(history, known.get('/service/history').metric);
  }));

  const denied = {type: 'PERMISSION', statusCode: 403};
  const unknown = {type: 'AUTHENTICATION', statusCode: 401};
  const malformed = {type: 'VALIDATION', statusCode: 400};
  const lost = {type: 'RESOURCE_NOT_FOUND', code: 'PATH', statusCode: 404};
  const mixed = await vehicle(GUEST).batch(['/odometer', '/fuel']);
  line('guest: batch odometer', await said(() =>
    differ(mixed.odometer().distance, known.get('/odometer').metric.body.distance)));
  for (const [name, call, expected] of [
    // The SDK reports the batch's own status for an item.
    ['guest: batch fuel', () => mixed.fuel(), {...denied, statusCode: 200}],
    ['guest: fuel', () => vehicle(GUEST).fuel(), denied],
    ['no such token: odometer', () => vehicle('other').odometer(), unknown],
    ['no such token: batch', () => vehicle('other').batch(['/odometer']), unknown],
    ['no such path: batch', () => vehicle().batch(['/odometer', '/wings']), malformed],
    ['no such path: request', () => vehicle().request('GET', 'wings'), lost],
    ['empty batch', () => vehicle().batch([]), malformed],
  ]) {
    line(name, await said(() => fails(call, expected)));
  }
}

// 1,000 signatures and 1,000 challenges: the SDK and `smartcar listen` agree. The SDK
// signs what JSON.stringify writes, so only such bodies are sent.
async function webhooks() {
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~';
  let seed = 7;
  const random = () => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return seed / 2 ** 32;
  };
  const word = most => Array.from(
    {length: 1 + Math.floor(random() * most)}, () => letters[Math.floor(random() * letters.length)],
  ).join('');
  const token = word(60);
  const listener = spawn(
    process.argv[3], ['listen', '--addr', '127.0.0.1:0', '--output', '/dev/null'],
    {env: {...process.env, SMARTCAR_MANAGEMENT_TOKEN: token}, stdio: ['ignore', 'ignore', 'pipe']},
  );
  try {
    const [first] = await new Promise(told => {
      createInterface({input: listener.stderr}).once('line', text => told([text]));
    });
    const url = first.split(' ').pop();
    const post = (body, signature) => fetch(url, {
      method: 'POST',
      headers: {'Content-Type': 'application/json', ...(signature && {'SC-Signature': signature})},
      body,
    });
    line('webhooks: 1000 signatures', await said(async () => {
      for (let number = 0; number < 1000; number++) {
        const event = {
          eventId: `e${number}`,
          eventType: 'VEHICLE_STATE',
          data: {vehicle: {id: 'v'}, signals: [], more: [random() * 1e6, word(40), 'é € ']},
        };
        const body = JSON.stringify(event);
        const signature = smartcar.hashChallenge(token, body);
        if (!smartcar.verifyPayload(token, signature, event)) {
          return `the SDK refuses its own signature of ${number}`;
        }
        if ((await post(body, signature)).status !== 200) {
          return `the signature of delivery ${number} was refused`;
        }
        if ((await post(`${body} `, signature)).status !== 401) {
          return `a changed delivery ${number} was taken`;
        }
      }
      return null;
    }));
    line('webhooks: 1000 challenges', await said(async () => {
      for (let number = 0; number < 1000; number++) {
        const challenge = word(128);
        const answer = await post(JSON.stringify({eventType: 'VERIFY', data: {challenge}}));
        const expected = {challenge: smartcar.hashChallenge(token, challenge)};
        const found = answer.status === 200 ? await answer.json() : answer.status;
        if (!isDeepStrictEqual(found, expected)) {
          return `challenge ${number}: ${JSON.stringify(found)}`;
        }
      }
      return null;
    }));
  } finally {
    listener.kill();
  }
}

judge();
