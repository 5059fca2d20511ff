// Tests the simulator's page and the Connect page in a real browser.
//
// node judge.mjs KIT SMARTCAR: the folder with the packages, and the `smartcar` command.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { createRequire } from 'node:module';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';

const [kit, smartcar] = process.argv.slice(2);
const require = createRequire(path.join(kit, 'package.json'));
const { default: puppeteer } = await import(require.resolve('puppeteer-core'));
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const TOKEN = 'simulator-token';
const OWN_TOKEN = 'a-token-of-its-own';
const MANAGEMENT = 'a-management-token';

/** The browser that the package carries, unpacked once. */
async function chromium() {
  const from = path.join(kit, 'node_modules/@sparticuz/chromium/bin');
  const to = path.join(kit, 'chromium');
  const program = path.join(to, 'chromium');
  if (!fs.existsSync(program)) {
    fs.mkdirSync(to, { recursive: true });
    const unpack = (name, file) => pipeline(fs.createReadStream(path.join(from, name)), zlib.createBrotliDecompress(), fs.createWriteStream(file, { mode: 0o755 }));
    for (const part of ['al2023', 'fonts', 'swiftshader']) {
      const tar = path.join(to, `${part}.tar`);
      await unpack(`${part}.tar.br`, tar);
      execFileSync('tar', ['-xf', tar, '-C', to]);
      fs.rmSync(tar);
    }
    await unpack('chromium.br', `${program}.new`);
    fs.renameSync(`${program}.new`, program);
  }
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'browser-'));
  const launched = await puppeteer.launch({
    executablePath: program,
    headless: 'shell',
    userDataDir: home,
    env: { ...process.env, HOME: home, FONTCONFIG_PATH: path.join(to, 'fonts'), LD_LIBRARY_PATH: path.join(to, 'lib') },
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-zygote', '--no-proxy-server'],
  });
  return { browser: launched, home };
}

/** A running simulator. */
async function simulate(options, env = {}) {
  const child = spawn(smartcar, ['simulate', '--quiet', ...(options.includes('--addr') ? [] : ['--addr', '127.0.0.1:0']), ...options], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  const origin = await new Promise((done, failed) => {
    let text = '';
    child.once('exit', () => failed(new Error('the simulator ended')));
    child.stdout.on('data', (chunk) => {
      text += chunk;
      const found = /listening on (\S+)\naccess token/.exec(text);
      if (found) done(found[1]);
    });
  });
  return {
    origin,
    stop: () => new Promise((done) => { child.once('exit', done); child.kill('SIGKILL'); }),
    state: async () => (await fetch(`${origin}/_simulator/state`)).json(),
    read: (vehicle, below) => fetch(`${origin}/v2.0/vehicles/${vehicle}${below}`, { headers: { authorization: `Bearer ${TOKEN}` } }),
  };
}

/** Waits until something holds. */
async function until(what, holds) {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = await holds();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new assert.AssertionError({ message: `${what} did not happen within 10 s` });
}

/** A receiver of webhooks. */
async function receiver() {
  const taken = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => { body += chunk; });
    request.on('end', () => {
      const json = JSON.parse(body);
      const sign = (text) => createHmac('sha256', MANAGEMENT).update(text).digest('hex');
      response.setHeader('content-type', 'application/json');
      if (json.eventType === 'VERIFY') {
        response.end(JSON.stringify({ challenge: sign(json.data.challenge) }));
        return;
      }
      taken.push({ id: json.eventId, good: request.headers['sc-signature'] === sign(body) });
      response.end('{}');
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { taken, url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

const complaints = [];

async function open(browser, url, before = async () => {}) {
  const page = await browser.newPage();
  page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.setViewport({ width: 1280, height: 900 });
  await before(page);
  await page.goto(url);
  return page;
}

const text = (page, selector) => page.$eval(selector, (found) => found.textContent);
const sees = (page, selector, part) => until(`${part} in ${selector}`, async () => (await text(page, selector)).includes(part));
/** Waits until a refusal is told. The browser itself writes its status to the console. */
async function refused(page, part) {
  await sees(page, '#notice', part);
  const told = await until('the console', () => complaints.findIndex((it) => it.includes('status of 400')) + 1);
  complaints.splice(told - 1, 1);
}
/** Clicks what has this accessible name, as a script does, wherever it is scrolled to. */
async function press(page, label) {
  await until(`a button ${label}`, () => page.evaluate((wanted) => {
    const name = (button) => button.getAttribute('aria-label') ?? button.textContent.trim();
    const button = [...document.querySelectorAll('button')].find((one) => name(one) === wanted);
    button?.click();
    return button !== undefined;
  }, label));
}
async function type(page, selector, value) {
  await page.$eval(selector, (input) => { input.value = ''; });
  await page.type(selector, value);
}

/** No serious finding of axe, in both colour schemes and two widths. */
async function accessible(page) {
  for (const scheme of ['light', 'dark']) {
    for (const width of [360, 1600]) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      await page.setViewport({ width, height: 900 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `the page is ${wide} wide on ${width}`);
      await page.evaluate(axe);
      const found = await page.evaluate(async () => (await globalThis.axe.run()).violations.map((it) => `${it.impact} ${it.id}: ${it.nodes.map((node) => node.target).join(' ')}`));
      const serious = found.filter((it) => /^(serious|critical)/.test(it));
      assert.deepEqual(serious, [], `${scheme} ${width}`);
    }
  }
  await page.emulateMediaFeatures([]);
  await page.setViewport({ width: 1280, height: 900 });
}

const { browser, home } = await chromium();
const tests = {
  async 'the page is small, closed and accessible'() {
    const simulator = await simulate(['--clock-speed', '0']);
    let size = 0;
    for (const file of ['/', '/page.css', '/page.js']) {
      const answer = await fetch(`${simulator.origin}/_simulator${file}`);
      assert.match(answer.headers.get('content-security-policy'), /default-src 'none'/);
      size += (await answer.arrayBuffer()).byteLength;
    }
    assert.ok(size < 60 * 1024, `${size} bytes`);
    const page = await open(browser, `${simulator.origin}/_simulator/`);
    const elsewhere = [];
    page.on('request', (request) => { if (!request.url().startsWith(simulator.origin)) elsewhere.push(request.url()); });
    await sees(page, '#cars', 'KIA EV6, BEV');
    assert.equal(await page.$$eval('#cars tr', (rows) => rows.length), 3);
    await sees(page, '#no-log', 'No request yet');
    await accessible(page);
    assert.deepEqual(elsewhere, []);
    // The keyboard reaches the first button and works there.
    await page.focus('[data-step="60"]');
    const { now } = await simulator.state();
    await page.keyboard.press('Enter');
    await until('a minute', async () => new Date((await simulator.state()).now) - new Date(now) === 60_000);
    await page.close();
    await simulator.stop();
    console.log(`the page has ${size} bytes`);
  },
  async 'the clock stops, steps and runs'() {
    const simulator = await simulate(['--clock-speed', '0', '--start-at', '2026-07-01T06:00:00Z']);
    const page = await open(browser, `${simulator.origin}/_simulator/`);
    await press(page, '+1 hour');
    await sees(page, '#now', '2026-07-01T07:00:00Z');
    await press(page, '60 times');
    await sees(page, '#speed', '60 times');
    assert.equal((await simulator.state()).speed, 60);
    await until('the way', () => page.$$eval('#way polyline', (lines) => lines.length === 3));
    await press(page, 'Stop');
    await sees(page, '#speed', 'stopped');
    await press(page, '+1 day');
    await until('another day', async () => (await simulator.state()).now.startsWith('2026-07-02'));
    await page.close();
    await simulator.stop();
  },
  async 'vehicles are added, changed and removed'() {
    const simulator = await simulate(['--clock-speed', '0', '--start-at', '2026-07-01T01:00:00Z']);
    const page = await open(browser, `${simulator.origin}/_simulator/`);
    const car = async (id) => (await simulator.state()).vehicles.find((one) => one.id === id);
    const id = '3f1c9a52-6d0e-4b8f-9c37-5e2a7d40b611';
    const is = (what, holds) => until(what, async () => holds(await car(id)));
    await press(page, `Unplug ${id}`);
    await is('unplugged', (it) => it.plugged_in === false && !it.is_charging);
    await sees(page, '#cars', 'unplugged');
    assert.equal((await (await simulator.read(id, '/charge')).json()).isPluggedIn, false);
    await press(page, `Plug in ${id}`);
    await is('plugged in', (it) => it.plugged_in === true);
    await press(page, `Sleep ${id}`);
    await is('asleep', (it) => it.asleep);
    await sees(page, '#cars', 'asleep');
    await press(page, `Wake ${id}`);
    await is('awake', (it) => !it.asleep);
    await press(page, `Permissions of ${id}`);
    await page.evaluate(() => { [...document.querySelectorAll('#dialog-body label')].find((one) => one.textContent.trim() === 'read_odometer').firstChild.click(); });
    await is('revoked', (it) => it.permissions && !it.permissions.includes('read_odometer'));
    assert.equal((await simulator.read(id, '/odometer')).status, 403);
    await press(page, 'Close');
    await type(page, '#add [name=id]', 'my-car');
    await type(page, '#add [name=make]', 'TESSLA');
    await press(page, 'Add vehicle');
    await refused(page, 'did you mean `TESLA`?');
    await type(page, '#add [name=make]', 'TESLA');
    await press(page, 'Add vehicle');
    await sees(page, '#cars', 'my-car');
    assert.equal((await car('my-car')).make, 'TESLA');
    await press(page, 'Remove my-car');
    await until('removed', async () => (await car('my-car')) === undefined);
    await page.close();
    await simulator.stop();
  },
  async 'every kind of fault can be added and ended'() {
    const simulator = await simulate(['--clock-speed', '0']);
    const page = await open(browser, `${simulator.origin}/_simulator/`);
    const kinds = await until('kinds', async () => {
      const found = await page.$$eval('#kind option', (options) => options.map((one) => one.value));
      return found.length > 15 && found;
    });
    for (const [place, kind] of kinds.entries()) {
      await page.select('#kind', kind);
      await press(page, 'Add fault');
      await until(kind, async () => (await simulator.state()).faults.length === place + 1);
    }
    await press(page, 'End fault 1');
    await until('one less', async () => (await simulator.state()).faults.length === kinds.length - 1);
    await press(page, 'End all faults');
    await sees(page, '#no-faults', 'No fault');
    await type(page, '#fault-text', "html = 502, path = '/oddometer'");
    await press(page, 'Add fault');
    await refused(page, 'did you mean `/odometer`?');
    await type(page, '#fault-text', "html = 502, path = '/vin', times = 1");
    await press(page, 'Add fault');
    await sees(page, '#faults', 'never struck');
    assert.equal((await simulator.read('car-1', '/vin')).status, 502);
    await until('used up', async () => (await simulator.state()).faults.length === 0);
    await page.close();
    await simulator.stop();
  },
  async 'a request and its answer are shown, and limits with what is left'() {
    const simulator = await simulate(['--clock-speed', '0']);
    const page = await open(browser, `${simulator.origin}/_simulator/`);
    await sees(page, '#connection', 'Live');
    await press(page, 'Published limits');
    await sees(page, '#left', 'application: 120 left');
    await simulator.read('car-1', '/odometer');
    await sees(page, '#log', '/v2.0/vehicles/car-1/odometer');
    await sees(page, '#left', 'application: 119 left');
    await press(page, 'Show request 1');
    await sees(page, '#dialog-body', '"distance"');
    assert.ok(!(await text(page, '#dialog-body')).includes(TOKEN));
    await accessible(page);
    await press(page, 'Close');
    await press(page, 'No limits');
    await sees(page, '#limits', 'off');
    await page.close();
    await simulator.stop();
  },
  async 'deliveries are sent now, twice and wrongly signed'() {
    const simulator = await simulate(['--clock-speed', '0']);
    const hook = await receiver();
    const page = await open(browser, `${simulator.origin}/_simulator/`);
    await press(page, 'Deliver now');
    await refused(page, 'there is no webhook');
    await type(page, '#hook [name=url]', hook.url);
    await type(page, '#hook [name=token]', MANAGEMENT);
    await press(page, 'Add webhook');
    await sees(page, '#hooks', ', verified');
    await until('the first', () => hook.taken.length === 3);
    await press(page, 'Deliver now');
    await until('now', () => hook.taken.length === 6);
    await press(page, 'Deliver twice');
    await until('twice', () => hook.taken.length === 10);
    assert.equal(new Set(hook.taken.slice(6).map((one) => one.id)).size, 3);
    assert.ok(hook.taken.every((one) => one.good));
    await press(page, 'Deliver wrongly signed');
    await until('wrongly signed', () => hook.taken.length === 13 && hook.taken.filter((one) => !one.good).length === 1);
    await sees(page, '#deliveries', 'wrong_signature');
    hook.close();
    await press(page, 'Deliver now');
    await sees(page, '#repeats', 'attempt 2');
    await page.close();
    await simulator.stop();
  },
  async 'what was done is saved as a scenario, and reset'() {
    const simulator = await simulate(['--clock-speed', '0']);
    const page = await open(browser, `${simulator.origin}/_simulator/`);
    await type(page, '#add [name=id]', 'my-car');
    await press(page, 'Add vehicle');
    await sees(page, '#cars', 'my-car');
    await press(page, 'Add fault');
    await press(page, 'Published limits');
    await sees(page, '#limits', '120');
    await press(page, 'Save as scenario');
    const saved = await until('the scenario', () => page.$eval('#scenario', (found) => found.textContent).catch(() => ''));
    const file = path.join(home, 'scenario.toml');
    fs.writeFileSync(file, saved);
    const one = await simulator.state();
    const again = await simulate(['--scenario', file]);
    const state = await again.state();
    for (const key of ['now', 'speed', 'seed', 'limits']) assert.deepEqual(state[key], one[key], key);
    assert.deepEqual(state.faults.map((it) => it.fault), one.faults.map((it) => it.fault));
    for (const [place, car] of state.vehicles.entries()) {
      for (const key of ['id', 'make', 'model', 'powertrain', 'odometer_km', 'battery_fraction', 'fuel_fraction']) assert.deepEqual(car[key], one.vehicles[place][key], key);
    }
    await again.stop();
    await press(page, 'Close');
    await press(page, 'Reset all');
    await until('the start', async () => { const now = await simulator.state(); return now.vehicles.length === 3 && now.faults.length === 0 && now.limits === 'off'; });
    await simulator.stop();
    await sees(page, '#connection', 'does not answer');
    await page.close();
    // The browser writes that the connection ended.
    complaints.splice(0, complaints.length, ...complaints.filter((it) => !it.includes('net::ERR_')));
  },
  async 'an owner grants some permissions, or refuses'() {
    const simulator = await simulate(['--clock-speed', '0']);
    const back = http.createServer((request, response) => { response.setHeader('content-type', 'text/html'); response.end('<!doctype html><title>back</title><link rel="icon" href="data:,">'); });
    await new Promise((done) => back.listen(0, '127.0.0.1', done));
    const to = `http://127.0.0.1:${back.address().port}/back?kept=1`;
    const asked = new URLSearchParams({ response_type: 'code', client_id: 'simulator-client', redirect_uri: to, scope: 'required:read_vin read_odometer read_fuel', state: 'a&b', mode: 'live' });
    const url = `${simulator.origin}/oauth/authorize?${asked}`;
    const page = await open(browser, url);
    await accessible(page);
    await page.click('input[value=read_fuel]');
    await Promise.all([page.waitForNavigation(), page.click('button[value=grant]')]);
    const granted = new URL(page.url()).searchParams;
    assert.equal(granted.get('kept'), '1');
    assert.equal(granted.get('state'), 'a&b');
    const secret = Buffer.from('simulator-client:simulator-secret').toString('base64');
    const body = new URLSearchParams({ grant_type: 'authorization_code', code: granted.get('code'), redirect_uri: to });
    const answer = await fetch(`${simulator.origin}/oauth/token`, { method: 'POST', headers: { authorization: `Basic ${secret}` }, body });
    const { access_token: token } = await answer.json();
    const id = '8a25d7e0-41f3-4c69-b0de-17c2f95a3b84';
    const status = async (below) => (await fetch(`${simulator.origin}/v2.0/vehicles/${id}${below}`, { headers: { authorization: `Bearer ${token}` } })).status;
    assert.deepEqual([await status('/vin'), await status('/odometer'), await status('/fuel')], [200, 200, 403]);
    const log = await (await fetch(`${simulator.origin}/_simulator/log`)).text();
    assert.ok(!log.includes(token) && !log.includes(granted.get('code')));
    for (const refuse of [async () => {}, async () => page.click('input[value=read_vin]')]) {
      await page.goto(url);
      await refuse();
      const button = refuse.toString().includes('click') ? 'grant' : 'refuse';
      await Promise.all([page.waitForNavigation(), page.click(`button[value=${button}]`)]);
      const refused = new URL(page.url()).searchParams;
      assert.deepEqual([refused.get('error'), refused.get('code'), refused.get('state')], ['access_denied', null, 'a&b']);
    }
    await page.close();
    for (const [name, value] of [['scope', 'read_odometr'], ['client_id', 'nobody'], ['redirect_uri', 'javascript://x'], ['response_type', 'token']]) {
      const wrong = new URLSearchParams(asked);
      wrong.set(name, value);
      assert.equal((await fetch(`${simulator.origin}/oauth/authorize?${wrong}`, { redirect: 'manual' })).status, 400, name);
    }
    back.close();
    await simulator.stop();
  },
  async 'other machines need the token of its own'() {
    const simulator = await simulate(['--clock-speed', '0', '--addr', '0.0.0.0:0', '--allow-host', 'lab.example'], { SMARTCAR_SIMULATOR_TOKEN: OWN_TOKEN });
    const origin = simulator.origin.replace('0.0.0.0', '127.0.0.1');
    assert.equal((await fetch(`${origin}/_simulator/`)).status, 401);
    assert.equal((await fetch(`${origin}/_simulator/events`)).status, 401);
    assert.equal((await fetch(`${origin}/v2.0/vehicles`, { headers: { authorization: `Bearer ${TOKEN}` } })).status, 401);
    const page = await open(browser, `${origin}/_simulator/`, (it) => it.authenticate({ username: 'any', password: OWN_TOKEN }));
    await sees(page, '#cars', 'KIA EV6');
    await sees(page, '#connection', 'Live');
    await page.close();
    await simulator.stop();
  },
};

let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  complaints.length = 0;
  try {
    await test();
    assert.deepEqual(complaints, [], 'errors on the console');
    console.log(`ok: ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED: ${name}: ${error.stack}`);
  }
}
await browser.close();
fs.rmSync(home, { recursive: true, force: true });
console.log(`${Object.keys(tests).length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
