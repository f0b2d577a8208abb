// Runs Lighthouse's accessibility audits on every page of a site, those behind the sign-in too, and prints what it found.
//
// node run.mjs '{"site": …, "username": …, "password": …, "pages": {"library": {"path": "/", "selector": ".card"}, …}, "file": …}'
import { desktopConfig, snapshot } from 'lighthouse';
import puppeteer from 'puppeteer-core';

const { site, username, password, pages, file } = JSON.parse(process.argv[2]);
const SCREENS = { wide: desktopConfig, phone: undefined };
const flags = { onlyCategories: ['accessibility'] };

const found = {};

/** Looks at what is on the page now, once `selector` is there. */
async function look(name, page, config, selector) {
  await page.waitForSelector(selector);
  const { lhr } = await snapshot(page, { config, flags });
  const { accessibility } = lhr.categories;
  const failed = accessibility.auditRefs
    .map(({ id, weight }) => ({ ...lhr.audits[id], weight }))
    .filter(({ score, weight }) => weight > 0 && score !== null && score < 1);
  found[name] = {
    score: accessibility.score,
    failed: failed.map(({ id, title, details }) => `${id}: ${title} ${details?.items?.[0]?.node?.snippet ?? ''}`),
  };
}

async function button(page, name) {
  const found = await page.waitForSelector(`::-p-aria([name="${name}"][role="button"])`);
  await found.click();
}

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  for (const [screen, config] of Object.entries(SCREENS)) {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    await page.goto(`${site}/`);
    await look(`sign-in, ${screen}`, page, config, 'form');
    await page.type('input[name=username]', username);
    await page.type('input[name=password]', password);
    await button(page, 'Sign in');
    await page.waitForSelector('header.site');
    for (const [name, { path, selector }] of Object.entries(pages)) {
      await page.goto(`${site}${path}`);
      await look(`${name}, ${screen}`, page, config, selector);
    }
    await page.goto(`${site}/`);
    const [chooser] = await Promise.all([page.waitForFileChooser(), button(page, 'Upload')]);
    await chooser.accept([file]);
    await look(`upload, ${screen}`, page, config, '.upload');
    await context.close();
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(found));
