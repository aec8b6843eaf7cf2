/* The trace page in a real browser: what it says and does, not where its pixels are. STACKRIG, BUILD, CHROMIUM: see
 * tools/page.sh. Prints ok or not ok for each test, and the totals. STOP_AT_FIRST: that fails. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import assert from 'node:assert/strict';

const { STACKRIG, BUILD, CHROMIUM } = process.env;
const work = resolve(BUILD, 'page');
const { chromium } = createRequire(resolve(work, 'package.json'))('playwright-core');
const stacks = resolve(BUILD, 'tests/cli/stacks');
const examples = resolve(BUILD, 'examples');

/* ---- traces ---- */

mkdirSync(work, { recursive: true });

const make = (verb, name, expected, ...words) => {
  const path = resolve(work, `${name}.html`);
  let status = 0;
  try {
    execFileSync(STACKRIG, [verb, '--html', path, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    status = error.status;
    if (status !== expected) throw error;
  }
  assert.equal(status, expected, `stackrig ${verb} ${words.join(' ')}`);
  return path;
};
const trace = (...words) => make('trace', ...words);

const requests = (name, text) => {
  const path = resolve(work, `${name}.http`);
  writeFileSync(path, text);
  return path;
};

const hostile = requests('hostile', `### hostile
# @name </script><script>window.hurt = 1</script>
# @escapes on
POST /drains?q=%3Cscript%3E&token=visible1&x='%22%ff
Host: a
X-Internal: internal-value-of-the-client
Authorization: Basic am9lOmNvcnJlY3Rob3JzZQ==
Cookie: sid=tasty-secret

hello <script>window.hurt = 1</script>

### leaves the body
POST /leaves
Host: a

0123456789

### never gets through
# @malformed on
GET / HTTP/1.1
Host: a
Host: b
`);
const crash = requests('crash', 'GET /fine\n\n###\nGET /\n\n###\nGET /fine\n');

const pages = {
  hostile: trace('hostile', 0, '--mask', 'X-Internal', `${stacks}/traced.so`, hostile),
  two: trace('two', 0, '--beside', `${examples}/copied_env/stack_mended.so`, `${examples}/copied_env/stack_broken.so`, 'examples/copied_env/requests.http'),
  early: trace('early', 0, `${examples}/early_answer/stack_broken.so`, 'examples/early_answer/requests.http'),
  bisect: make('bisect', 'bisect', 1, '--expect', 'env action_controller.instance present after', `${examples}/copied_env/stack_broken.so`, 'examples/copied_env/requests.http'),
  headers: trace('headers', 0, `${stacks}/headers.so`, requests('headers', 'GET /\n')),
  lost: trace('lost', 1, '--set', 'guilty=4', '--set', 'how=crash', `${stacks}/guilty.so`, crash),
};
const secrets = ['am9lOmNvcnJlY3Rob3JzZQ', 'correcthorse', 'tasty-secret', 'visible1', 'internal-value', 'made-by-the-layer'];

/* ---- the browser ---- */

const browser = await chromium.launch({ executablePath: CHROMIUM, args: process.getuid() === 0 ? ['--no-sandbox'] : [] });

/* A page that says nothing on its console and asks for nothing but itself. */
const open = async (name, options = {}) => {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  const page = await context.newPage();
  const url = pathToFileURL(pages[name]).href;
  const said = [];
  page.on('console', (message) => said.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => said.push(`error: ${error.message}`));
  page.on('request', (request) => { if (request.url() !== url) said.push(`request: ${request.url()}`); });
  page.said = said;
  await page.goto(url);
  return page;
};

const texts = (page, selector) => page.locator(selector).allInnerTexts();
const cardNames = (page, pane = '#first') => page.locator(`${pane} .card .name`).evaluateAll((names) => names.map((name) => name.textContent));
const pressed = (page, pane = '#first') => page.locator(`${pane} .card[aria-pressed="true"]`);
const choose = (page, list, text) => page.locator(list).evaluate((select, wanted) => {
  select.value = [...select.options].find((option) => option.textContent.includes(wanted)).value;
  select.dispatchEvent(new Event('change'));
}, text);

/* ---- tests ---- */

const tests = {
  async the_chain_in_columns() {
    const page = await open('hostile');
    assert.deepEqual(await page.locator('.lane-head strong').evaluateAll((heads) => heads.map((head) => head.textContent)), ['<i>writer</i>', 'retry', 'reader', 'app']);
    assert.deepEqual(await cardNames(page), ['↓<i>writer</i>', '↓retry', '↓reader', '↩app', '↑reader', '↻retry', '↓reader', '↩app', '↑reader', '↑retry', '↑<i>writer</i>']);
    const columns = await page.locator('.card').evaluateAll((cards) => cards.map((card) => getComputedStyle(card).gridColumnStart));
    assert.deepEqual(columns, ['1', '2', '3', '4', '3', '2', '3', '4', '3', '2', '1']);
    const tops = await page.locator('.card').evaluateAll((cards) => cards.map((card) => card.getBoundingClientRect().top));
    assert.deepEqual(tops, [...tops].sort((a, b) => a - b), 'the request goes down');
    assert.match((await texts(page, '#first .facts'))[0], /200 by app, 12 bytes/);
    return page;
  },

  async findings_are_pinned_to_their_visit() {
    const page = await open('hostile');
    const pins = await page.locator('.card:has(.pin)').evaluateAll((cards) => cards.map((card) => [card.dataset.hop, card.dataset.segment, card.querySelector('.pin').textContent]));
    assert.deepEqual(pins, [['3', '3', '1 finding: error'], ['1', '9', '1 finding: error']]);
    await page.locator('.go', { hasText: 'input.body.eaten' }).click();
    assert.equal(await pressed(page).getAttribute('data-segment'), '3');
    assert.match(await page.locator('.visit:visible .finding').innerText(), /app took 34 of 38 body bytes that reader needed/);
    return page;
  },

  async headers_that_go_out_otherwise() {
    const page = await open('headers');
    const rows = async (layer) => {
      await page.locator('.card', { hasText: layer }).first().click();
      return page.locator('.visit:visible .step.replace').evaluateAll((all) => all.map((row) => [...row.cells].slice(0, 4).map((cell) => cell.textContent)));
    };
    assert.deepEqual(await rows('lower'), [['replaces', 'X-Early', 'one', 'two']]);
    assert.deepEqual(await rows('upper'), [['replaces', 'X-Late', 'first', '"<b>\\x01'], ['removes', 'X-Gone', 'was here', 'absent'], ['replaces', 'Set-Cookie', 'sid=****', 'sid=****']]);
    return page;
  },

  async a_click_shows_what_a_layer_changed() {
    const page = await open('hostile');
    await page.locator('.card').first().click();
    assert.equal(await page.locator('.visit:visible').count(), 1);
    assert.equal(await pressed(page).count(), 1);
    const rows = await page.locator('.visit:visible .step').evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.textContent)));
    const of = (key) => rows.filter((row) => row[1] === key);
    assert.deepEqual(of('app.path').map((row) => row.slice(0, 4)), [['set', 'app.path', 'absent', '/drains'], ['set', 'app.path', '/drains', 'rewritten']]);
    assert.match(of('app.path')[1][4], /traced\.c:[0-9]+$/);
    assert.equal(of('app.seen')[0][3], 'Basic ****');
    assert.equal(of('app.internal')[0][3], '****');
    assert.equal(of('X-Internal')[0][3], '****');
    await page.locator('.card', { hasText: 'reader' }).first().click();
    assert.match(await page.locator('.visit:visible .steps').innerText(), /reads 4 bytes[^]*unset\s+app.path\s+rewritten\s+absent/);
    assert.match(await page.locator('.visit:visible .facts').innerText(), /Called next\s+1 time/);
    return page;
  },

  async nothing_of_a_request_is_markup() {
    const page = await open('hostile');
    await page.locator('.card').first().click();
    assert.equal(await page.evaluate(() => window.hurt), undefined);
    assert.equal(await page.locator('script').count(), 2);
    assert.equal(await page.locator('img, i, b, p p, iframe, object').count(), 0);
    assert.equal(await page.locator('h2').textContent(), '</script><script>window.hurt = 1</script>');
    const text = await page.locator('.visit:visible').textContent();
    for (const part of ['</script><script>window.hurt = 1</script><img src=x onerror="window.hurt = 1">', 'app.<b>&"\'', '<!--\'"`\\&amp;\\x1b[31m\\x01\\x7f', 'gr\\xc3\\xbcn \\xff\\xfe\\xe2\\x80\\xa8', 'logged **** <script>']) assert.ok(text.includes(part), part);
    const source = readFileSync(pages.hostile, 'latin1');
    assert.ok(!source.includes('window.hurt = 1</script>'), 'it stands in the file as it came');
    assert.match(source, /^[\t\n\x20-\x7e\x80-\xff]*$/);
    return page;
  },

  async secrets_are_nowhere() {
    for (const [name, path] of Object.entries(pages)) {
      const source = readFileSync(path, 'latin1');
      for (const secret of secrets) assert.ok(!source.includes(secret), `${name}: ${secret}`);
    }
    const page = await open('hostile');
    await page.locator('.card', { hasText: 'app' }).last().click();
    assert.match(await page.locator('.visit:visible').innerText(), /Set-Cookie\s+sid=\*\*\*\*; HttpOnly/);
    return page;
  },

  async a_value_of_a_mebibyte_is_folded() {
    const page = await open('hostile');
    await page.locator('.card').first().click();
    const folded = page.locator('.visit:visible details.long').first();
    assert.match(await folded.locator('summary').innerText(), /^v{24}… 1,048,576 bytes$/);
    assert.equal(await folded.getAttribute('open'), null);
    await folded.locator('summary').focus();
    await page.keyboard.press('Enter');
    assert.match(await folded.locator('> .value').innerText(), /^v{1024}\.\.\. \(1048576 bytes\)$/);
    return page;
  },

  async the_keyboard_is_enough() {
    const page = await open('hostile');
    const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.className);
    const stops = [];
    for (let i = 0; i < 6; i++) {
      await page.keyboard.press('Tab');
      stops.push(await focused());
    }
    assert.deepEqual(stops, ['left', 'right', 'filter', 'first-finding-0', 'first-finding-1', 'first-card-9'], 'a chain is one stop');
    const at = () => pressed(page).getAttribute('data-segment');
    await page.keyboard.press('Home');
    assert.deepEqual([await at(), await focused()], ['0', 'first-card-0']);
    await page.keyboard.press('ArrowLeft');
    assert.equal(await at(), '0');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    assert.deepEqual([await at(), await focused()], ['2', 'first-card-2']);
    assert.match(await page.locator('#said').textContent(), /^reader: \d+ steps$/);
    await page.keyboard.press('End');
    assert.equal(await at(), '10');
    await page.keyboard.press('n');
    assert.equal(await focused(), 'first-card-9');
    for (const [key, card] of [['n', 3], ['n', 9], ['p', 3], ['p', 9]]) { /* round and round */
      await page.keyboard.press(key);
      assert.equal(await focused(), `first-card-${card}`);
    }
    const taken = (keys) => page.evaluate((how) => !document.body.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...how })), keys);
    assert.ok(await taken({ key: 'p' }));
    for (const keys of [{ key: 'p', ctrlKey: true }, { key: 'n', metaKey: true }, { key: '/', altKey: true }, { key: 'x' }]) {
      assert.ok(!(await taken(keys)), 'it is the browser\u2019s');
    }
    await page.locator('#first-card-3').focus();
    await page.keyboard.press('/');
    assert.equal(await focused(), 'filter');
    await page.keyboard.type('n/p');
    assert.equal(await page.locator('#filter').inputValue(), 'n/p');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('#filter').inputValue(), '');
    await page.locator('#first-finding-1').focus();
    await page.keyboard.press('Enter');
    assert.equal(await focused(), 'first-card-3');
    const outline = await page.locator('#first-card-3').evaluate((card) => getComputedStyle(card).outlineStyle);
    assert.equal(outline, 'solid', 'where the focus is can be seen');
    return page;
  },

  async the_filter_keeps_what_touches_a_key() {
    const page = await open('hostile');
    await page.locator('.card').first().click();
    await page.locator('#filter').fill('APP.path');
    assert.equal(await page.locator('.visit:visible .step:visible').count(), 2);
    assert.equal(await page.locator('#matches').textContent(), '3 changes of such keys');
    assert.deepEqual(await page.locator('.card:not(.dim)').evaluateAll((cards) => cards.map((card) => card.dataset.segment)), ['0', '2']);
    await page.locator('#filter').fill('set-cookie');
    assert.deepEqual(await page.locator('.card:not(.dim)').evaluateAll((cards) => cards.map((card) => card.dataset.segment)), ['7']);
    await page.locator('#filter').fill('no such thing');
    assert.equal(await page.locator('#matches').textContent(), 'no such key');
    await page.locator('#filter').fill('');
    assert.equal(await page.locator('.card.dim').count(), 0);
    await page.locator('#filter').fill('app.path');
    await choose(page, '#left', '/leaves');
    assert.deepEqual(await page.locator('.card:not(.dim)').evaluateAll((cards) => cards.map((card) => card.dataset.segment)), ['0', '2']);
    return page;
  },

  async the_body_has_a_ledger() {
    const page = await open('hostile');
    assert.equal(await page.locator('.bar').getAttribute('aria-label'), 'Request body, 38 bytes: reader read 4 bytes, app drained 34 bytes');
    const widths = await page.locator('.piece').evaluateAll((pieces) => pieces.map((piece) => piece.getBoundingClientRect().width));
    assert.ok(widths.length === 2 && widths[1] > 5 * widths[0], `${widths}`);
    await choose(page, '#left', '/leaves');
    assert.match(await page.locator('.legend').innerText(), /2 bytes left unread/);
    assert.equal(await page.locator('.piece.unread').count(), 1);
    const early = await open('early');
    assert.equal(await early.locator('.bar').getAttribute('aria-label'), 'Request body, 9 bytes: 9 bytes left unread');
    assert.match(await early.locator('#first > .facts').innerText(), /the 9 bytes become the start of the next request/);
    assert.deepEqual(early.said, []);
    return page;
  },

  async broken_and_mended_side_by_side() {
    const page = await open('two');
    assert.deepEqual(await page.locator('.pane').evaluateAll((all) => all.map((pane) => pane.querySelector('.where').textContent.match(/stack_\w+/)[0])), ['stack_broken', 'stack_mended']);
    assert.equal(await page.locator('#difference').innerText(), 'First difference: on the left, api_version copies the env: env#7; on the right, api_version sets app.api_version to 2.');
    assert.match(await pressed(page).innerText(), /version/);
    assert.match(await pressed(page, '#second').innerText(), /version/);
    const differing = await page.locator('#first .card:has(.differs)').evaluateAll((cards) => [...new Set(cards.map((card) => card.querySelector('.name').textContent.slice(1)))]);
    assert.deepEqual(differing, ['error_reporter', 'api_version']);
    const boxes = await page.locator('.pane').evaluateAll((all) => all.map((pane) => pane.getBoundingClientRect()));
    assert.ok(boxes[0].top === boxes[1].top && boxes[0].right < boxes[1].left, 'beside each other');
    const chosen = await pressed(page).getAttribute('data-segment');
    await page.locator('#second .card').first().click();
    assert.equal(await pressed(page, '#second').getAttribute('data-segment'), '0');
    assert.equal(await pressed(page).getAttribute('data-segment'), chosen, 'each has its own');
    assert.deepEqual(await page.locator('.visit:visible').evaluateAll((visits) => visits.map((visit) => visit.id.split('-')[0])), ['first', 'second']);
    await choose(page, '#right', 'nothing');
    assert.equal(await page.locator('.pane').count(), 1);
    assert.ok(await page.locator('#difference').isHidden());
    await choose(page, '#right', 'stack_broken.so: failing action');
    assert.equal(await page.locator('#difference').innerText(), 'No difference.');
    assert.equal(await page.locator('.differs').count(), 0);
    return page;
  },

  async what_bisect_found_is_seen() {
    const page = await open('bisect');
    assert.match(await page.locator('#first .where').innerText(), /stack_broken\.so$/);
    assert.match(await page.locator('#second .where').innerText(), /stack_broken\.so without api_version$/);
    const difference = await page.locator('#difference').innerText();
    assert.ok(difference.startsWith('Entered on the left alone: api_version. First difference: on the left, error_reporter logs: an unknown controller failed (-5); on the right, error_reporter logs: '), difference);
    const differing = await page.locator('.card:has(.differs)').evaluateAll((cards) => [...new Set(cards.map((card) => card.querySelector('.name').textContent.slice(1)))]);
    assert.deepEqual(differing, ['error_reporter', 'api_version'], 'the layers below the one left out did the same');
    return page;
  },

  async a_request_that_is_lost_is_shown_as_far_as_it_came() {
    const page = await open('lost');
    assert.match(await page.locator('#first > .facts').innerText(), /none: signal 11/);
    assert.match(await page.locator('.card.lost').innerText(), /four[^]*never returned/);
    assert.match(await page.locator('#first').innerText(), /It never came to an end/);
    return page;
  },

  async a_request_that_is_refused_has_no_chain() {
    const page = await open('hostile');
    await choose(page, '#left', 'GET /');
    assert.match(await page.locator('#first').innerText(), /refused: [^]*No layer was entered/);
    assert.equal(await page.locator('.card').count(), 0);
    return page;
  },

  async light_and_dark_can_be_read() {
    const contrasts = () => {
      const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
      const luminance = (colour) => {
        const [r, g, b] = channels(colour).map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const behind = (node) => {
        for (let at = node; at; at = at.parentElement) {
          const colour = getComputedStyle(at).backgroundColor;
          if (channels(colour)[3] !== 0) return colour;
        }
        return 'rgb(255, 255, 255)';
      };
      const poor = [];
      for (const node of document.querySelectorAll('body *')) {
        const written = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
        if (!written || !node.checkVisibility() || ['SCRIPT', 'OPTION', 'NOSCRIPT'].includes(node.tagName)) continue;
        const [a, b] = [luminance(getComputedStyle(node).color), luminance(behind(node))].sort((x, y) => y - x);
        if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(`${node.tagName}.${node.className}: ${((a + 0.05) / (b + 0.05)).toFixed(2)}`);
      }
      return { poor: [...new Set(poor)], paper: getComputedStyle(document.body).backgroundColor };
    };
    const papers = [];
    let page;
    for (const colorScheme of ['light', 'dark']) {
      for (const name of ['two', 'early', 'lost', 'hostile']) {
        page = await open(name, { colorScheme });
        for (const card of [0, -1]) {
          await page.locator('.card').nth(card).click();
          const { poor, paper } = await page.evaluate(contrasts);
          assert.deepEqual(poor, [], `${name}, ${colorScheme}`);
          papers.push(paper);
        }
      }
    }
    assert.equal(new Set(papers).size, 2);
    return page;
  },

  async paper_has_all_of_it() {
    const page = await open('two');
    await page.emulateMedia({ media: 'print' });
    assert.ok(await page.locator('.controls').isHidden());
    assert.equal(await page.locator('.visit:visible').count(), 10);
    const folded = await open('hostile');
    await folded.emulateMedia({ media: 'print' });
    await folded.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
    assert.ok((await folded.locator('details').count()) > 0);
    assert.equal(await folded.locator('details:not([open])').count(), 0);
    assert.equal(await folded.locator('.long > .value').first().evaluate((value) => getComputedStyle(value).maxHeight), 'none');
    assert.ok((await folded.pdf({ format: 'A4' })).length > 10000);
    assert.deepEqual(folded.said, []);
    return page;
  },

  async a_small_screen_does_not_scroll_sideways() {
    let page;
    for (const name of ['two', 'hostile', 'early']) {
      page = await open(name, { viewport: { width: 360, height: 700 } });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(wide <= 0, `${name}: ${wide} too wide`);
    }
    return page;
  },

  async everything_has_a_name_and_a_role() {
    const page = await open('two');
    const wrong = await page.evaluate(() => {
      const complaints = [];
      const ids = [...document.querySelectorAll('[id]')].map((node) => node.id);
      if (new Set(ids).size !== ids.length) complaints.push('an id is there twice');
      for (const node of document.querySelectorAll('[aria-controls], [aria-labelledby], label[for], output[for]')) {
        for (const name of ['aria-controls', 'aria-labelledby', 'for']) {
          const id = node.getAttribute(name);
          if (id && !document.getElementById(id)) complaints.push(`${name} of ${node.id || node.tagName}: no ${id}`);
        }
      }
      for (const node of document.querySelectorAll('button, select, input')) {
        if (!(node.innerText || '').trim() && !(node.labels && node.labels.length)) complaints.push(`${node.tagName} has no name`);
      }
      for (const table of document.querySelectorAll('table')) {
        if (!table.caption || !table.querySelector('th[scope]')) complaints.push('a table without a caption or heads');
      }
      const levels = [...document.querySelectorAll('h1, h2, h3')].map((node) => Number(node.tagName[1]));
      if (levels.some((level, at) => at > 0 && level > levels[at - 1] + 1)) complaints.push(`headings leave a level out: ${levels}`);
      if (document.documentElement.lang !== 'en' || !document.querySelector('main')) complaints.push('no language, or no main part');
      return complaints;
    });
    assert.deepEqual(wrong, []);
    assert.equal(await page.getByRole('button', { name: /api_version.*answer/ }).first().getAttribute('aria-pressed'), 'true');
    assert.equal(await page.title(), 'failing action – Stackrig trace');
    return page;
  },

  async without_scripts_it_says_so() {
    const page = await open('hostile', { javaScriptEnabled: false });
    assert.match(await page.locator('noscript').innerText(), /stackrig trace/);
    return page;
  },

  async only_its_own_script_may_run() {
    const page = await open('hostile');
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.hurt = 1';
      document.body.append(script);
      const style = document.createElement('style');
      style.textContent = 'body { display: none }';
      document.head.append(style);
      document.body.append(Object.assign(document.createElement('img'), { src: 'https://example.invalid/x.png' }));
    });
    assert.equal(await page.evaluate(() => [window.hurt, getComputedStyle(document.body).display].join()), ',block');
    for (const refused of ['Executing inline script', 'Applying inline style', 'Loading the image']) {
      assert.ok(page.said.some((line) => line.includes(refused) && line.includes('Content Security Policy')), `${refused}: ${page.said.join('\n')}`);
    }
    page.said.length = 0;
    return page;
  },
};

let [passed, failed] = [0, 0];
for (const [name, run] of Object.entries(tests)) {
  try {
    const page = await run();
    assert.deepEqual(page.said, [], 'it said something, or asked for something');
    console.log(`ok ${name}`);
    passed++;
  } catch (error) {
    console.log(`not ok ${name}\n    ${String(error.stack).split('\n').slice(0, 24).join('\n    ')}`);
    failed++;
  }
  for (const context of browser.contexts()) await context.close();
  if (failed && process.env.STOP_AT_FIRST) break;
}
await browser.close();
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed ? 1 : 0;
