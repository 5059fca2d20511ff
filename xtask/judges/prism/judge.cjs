// Runs our client through Prism's validating proxy, and against Prism's mock.
//
// Prism knows only the spec. As a proxy between `smartcar` and our simulator it checks
// both directions. As a mock it replaces the simulator and always returns the spec's
// example.
//
// Invariant: the exit code is 1 if Prism reports anything, and every child process is
// killed when this script ends.
//
// usage: judge.cjs VERSION DESCRIPTION.json SPEC.yaml SMARTCAR, with v2.0 or v3 for a
// VERSION, SMARTCAR_API_ORIGIN, SMARTCAR_ACCESS_TOKEN and GUEST_TOKEN, which may read
// the odometer only. With BRIEFLY it leaves out the batches of one path, and the mock,
// which asks no simulator
'use strict';

const {spawn} = require('node:child_process');
const {readFileSync} = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const {join} = require('node:path');
const {isDeepStrictEqual, stripVTControlCharacters} = require('node:util');

const [, , VERSION, DESCRIPTION, SPEC, SMARTCAR] = process.argv;
const {SMARTCAR_API_ORIGIN: ORIGIN, SMARTCAR_ACCESS_TOKEN: TOKEN, GUEST_TOKEN: GUEST} = process.env;
const {BRIEFLY} = process.env;
const PRISM = join(process.env.NODE_PATH, '@stoplight/prism-cli/dist/index.js');
const VEHICLE = '36ab27d0-fd9d-4455-823a-ce30af709ffc';
const PREFIX = '/vehicles/{id}';
const BASE = `/${VERSION}`;
/** The user of the simulator's vehicles. */
const USER = '9a4e1b70-2f5c-4c1e-b6a8-31d0f2c7e855';
/** A run takes some seconds. Below the caller's limit, so that the children are killed here. */
const BOUND = 100_000;

const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
setTimeout(() => {
  console.log(`not finished after ${BOUND / 1000} s`);
  process.exit(1);
}, BOUND);

let faults = 0;
const counts = {exchanges: 0, batches: 0, gets: 0};

function fault(...words) {
  faults += 1;
  console.log(...words);
}

function expect(what, found, expected) {
  if (isDeepStrictEqual(found, expected)) return;
  fault(`${what}: ${JSON.stringify(found)} is not ${JSON.stringify(expected)}`);
}

/** The requests to each version. The guest token is only valid on v2.0. */
const {options, headers: ofVersion, asked, refused, mock} = {
  'v2.0': {
    options: [],
    headers: {},
    asked({paths}) {
      const all = Object.entries(paths)
        .filter(([url, {get: read}]) =>
          url.startsWith(PREFIX) && read && read['x-smartcar-batchable'] !== false)
        .map(([url]) => url.slice(PREFIX.length) || '/');
      return {all, batches: [all], singles: all, gets: all};
    },
    refused: {paths: ['/odometer', '/fuel'], exit: 3, get: '/fuel', status: 403},
    mock: againstMock,
  },
  v3: {
    options: ['--api', 'v3', '--user', USER],
    headers: {'sc-user-id': USER},
    asked({components}) {
      const codes = Object.values(components.schemas)
        .map((schema) => schema['x-smartcar-signal'])
        .filter((code) => code);
      const all = codes.map((code) => `/signals/${code}`);
      const group = (path) => path.split('-')[0];
      const singles = all.filter((path, at) =>
        all.findIndex((other) => group(other) === group(path)) === at);
      // The vehicle and its connection are separate requests.
      return {all, batches: [all, ['/', '/permissions']], singles, gets: ['/', '/signals', ...all]};
    },
    refused: {paths: ['/odometer', '/fuel'], exit: 4, get: '/signals', status: 401},
    mock: againstMockOfSignals,
  },
}[VERSION];

/** A child process and its output. */
function start(program, args, env = {}) {
  const child = spawn(program, args, {
    env: {...process.env, ...env},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  const run = {child, stdout: '', stderr: ''};
  child.stdout.on('data', (text) => { run.stdout += text; });
  child.stderr.on('data', (text) => { run.stderr += text; });
  run.ended = new Promise((done) => {
    child.on('error', (error) => done(String(error)));
    child.on('close', (code) => done(code));
  }).finally(() => children.delete(child));
  return run;
}

/** Runs `smartcar batch` as a user does. */
async function batch(origin, paths, {token = TOKEN, units = 'metric'} = {}) {
  const args = ['batch', VEHICLE, ...paths, '--json', '--units', units, '--api-origin', origin, ...options];
  const run = start(SMARTCAR, args, {SMARTCAR_ACCESS_TOKEN: token});
  const code = await run.ended;
  try {
    return {code, answer: JSON.parse(run.stdout)};
  } catch {
    throw new Error(`smartcar ended with ${code} and wrote no json: ${run.stdout}${run.stderr}`);
  }
}

/** A port that was free just now, because Prism does not accept port 0. */
const freePort = () => new Promise((done, failed) => {
  const server = net.createServer().on('error', failed).listen(0, '127.0.0.1', () => {
    const {port} = server.address();
    server.close(() => done(port));
  });
});

/** Starts Prism and waits until it listens. */
async function prism(mode, ...args) {
  const port = await freePort();
  const run = start(process.execPath, [PRISM, mode, SPEC, ...args, '--port', String(port)]);
  const listening = new Promise((done) => {
    const look = setInterval(() => {
      if (!run.stdout.includes('Prism is listening')) return;
      clearInterval(look);
      done();
    }, 50);
    run.ended.then(() => clearInterval(look));
  });
  const code = await Promise.race([listening, run.ended.then((code) => ({code}))]);
  if (code) throw new Error(`prism ${mode} ended: ${stripVTControlCharacters(run.stdout + run.stderr)}`);
  return port;
}

/**
 * Prism ignores the path of the spec's server, so this proxy removes the version from
 * each URL. It also records what Prism reports. Returns its origin.
 */
const door = (port, reports) => new Promise((done) => {
  const server = http.createServer((request, response) => {
    if (!request.url.startsWith(`${BASE}/`)) {
      fault(`${request.method} ${request.url}: not below ${BASE}`);
      response.writeHead(404).end();
      return;
    }
    const path = request.url.slice(BASE.length);
    const {method, headers} = request;
    const inner = http.request({host: '127.0.0.1', port, method, path, headers}, (answer) => {
      counts.exchanges += 1;
      const violations = answer.headers['sl-violations'];
      const isPrisms = /problem\+json/.test(answer.headers['content-type']);
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => {
        const body = Buffer.concat(chunks);
        if (violations || isPrisms) reports.push(`${method} ${path}: ${violations || body}`);
        response.writeHead(answer.statusCode, answer.headers).end(body);
      });
    });
    inner.on('error', (error) => {
      fault(`${method} ${path}: ${error.message}`);
      response.destroy();
    });
    request.pipe(inner);
  });
  server.listen(0, '127.0.0.1', () => done(`http://127.0.0.1:${server.address().port}`));
});

async function get(origin, path, {token = TOKEN, units = 'metric'} = {}) {
  const headers = {Authorization: `Bearer ${token}`, 'sc-unit-system': units, ...ofVersion};
  const url = `${origin}${BASE}/vehicles/${VEHICLE}${path === '/' ? '' : path}`;
  const answer = await fetch(url, {headers});
  counts.gets += 1;
  return {code: answer.status, body: await answer.json()};
}

/** Removes what differs between responses: request IDs and the server's address. */
const settled = (answer) => JSON.parse(JSON.stringify(answer, (name, value) => {
  if (/^request_?id$/i.test(name)) return undefined;
  return typeof value === 'string' ? value.replace(/^http:\/\/[^/]+/, '') : value;
}));

/** Between our client and our simulator, Prism must report and change nothing. */
async function throughProxy({all, batches, singles, gets}) {
  const reports = [];
  const origin = await door(await prism('proxy', `${ORIGIN}${BASE}`, '--errors'), reports);
  const same = async (what, ask, code) => {
    const [direct, proxied] = [settled(await ask(ORIGIN)), settled(await ask(origin))];
    expect(what, proxied, direct);
    expect(`${what}: code`, proxied.code, code);
  };
  for (const units of ['metric', 'imperial']) {
    for (const paths of batches) {
      await same(`batch of ${paths.length}, ${units}`, (from) => batch(from, paths, {units}), 0);
      counts.batches += 1;
    }
    for (const path of gets) {
      await same(`GET ${path}, ${units}`, (from) => get(from, path, {units}), 200);
    }
  }
  for (const path of BRIEFLY ? [] : singles) {
    await same(`batch of ${path}`, (from) => batch(from, [path]), 0);
    counts.batches += 1;
  }
  const guest = {token: GUEST};
  await same('guest: batch', (from) => batch(from, refused.paths, guest), refused.exit);
  await same('guest: GET', (from) => get(from, refused.get, guest), refused.status);
  await same('no such token: batch', (from) => batch(from, ['/odometer'], {token: 'other'}), 4);
  for (const report of reports) fault(`prism proxy: ${report}`);
  console.log(
    `prism proxy: ${counts.exchanges} exchanges (${counts.batches} batches of our client that all `
    + `succeed, ${all.length} paths), ${reports.length} reports`,
  );

  // A planted fault shows that Prism really checks.
  await get(origin, all[1], {units: 'nautical'});
  if (reports.length === 0) fault('prism proxy let a wrong unit system pass');
}

/** A server made only from the spec, and the two samples that it returns. */
async function againstMock(description) {
  const reports = [];
  const origin = await door(await prism('mock'), reports);
  const content = description.paths[`${PREFIX}/batch`].post.responses['200'].content;
  const {responses} = content['application/json'].example;
  const paths = responses.map(({path}) => path);
  const good = await batch(origin, paths);
  expect('mock: exit code', good.code, 0);
  const found = good.answer.items.map(({path, body}) => ({path, body}));
  expect('mock: items', found, responses.map(({path, body}) => ({path, body})));

  // It always returns its example, so one item is extra and one is missing.
  const odd = await batch(origin, [paths[0], '/fuel']);
  expect('mock: exit code with a missing item', odd.code, 3);
  const [first, missing] = odd.answer.items;
  expect('mock: first item', first.body, responses[0].body);
  expect('mock: missing item', missing.error?.kind, 'missing');
  const warnings = odd.answer.warnings.map(({path, kind}) => ({path, kind}));
  expect('mock: warnings', warnings, [{path: paths[1], kind: 'unasked'}]);
  for (const report of reports) fault(`prism mock: ${report}`);
  console.log(`prism mock: 2 batches of our client, ${reports.length} reports`);
}

/** The same for version 3. Its list has one good signal and one that failed. */
async function againstMockOfSignals(description) {
  const reports = [];
  const origin = await door(await prism('mock'), reports);
  const example = (url) =>
    description.paths[`${PREFIX}${url}`].get.responses['200'].content['application/json'].example;
  const {data} = example('/signals');
  const paths = [...data.map(({id}) => `/signals/${id}`), '/odometer'];
  const {code, answer} = await batch(origin, paths);
  expect('mock: exit code', code, 3);
  const [good, failed, missing] = answer.items;
  expect('mock: good signal', good.body, data[0].attributes.body);
  expect('mock: its time', Date.parse(good.meta.data_age), Date.parse(data[0].meta.oemUpdatedAt));
  expect('mock: failed signal', failed.error?.type, data[1].attributes.status.error.type);
  expect('mock: missing item', missing.error?.kind, 'missing');
  const one = example('/signals/{signal_code}').data;
  const single = await batch(origin, [`/signals/${one.id}`]);
  expect('mock: one signal', single.answer.items[0].body, one.attributes.body);
  for (const report of reports) fault(`prism mock: ${report}`);
  console.log(`prism mock: 2 batches of our client, ${reports.length} reports`);
}

async function judge() {
  const description = JSON.parse(readFileSync(DESCRIPTION, 'utf8'));
  await throughProxy(asked(description));
  if (!BRIEFLY) await mock(description);
  console.log(`${faults} faults`);
}

judge()
  .catch((error) => fault(error.message))
  // Otherwise the servers would keep the process alive.
  .finally(() => process.exit(faults ? 1 : 0));
