import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assert } from '../errors.js';
import type { Answer, Ask, Route } from './answer.js';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.md': 'text/plain; charset=utf-8',
};

/**
 * The directory of Weir's package.json, from the sources, the compiled files or an installed copy.
 */
function packageRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'package.json'))) {
    const parent = dirname(directory);
    assert(parent !== directory, 'expected a package.json above the server');
    directory = parent;
  }
  return directory;
}

/** A file served as it was at start; a browser that has it already is told so. */
function assetRoute(path: string, file: string): Route {
  const body = readFileSync(file);
  const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`;
  const type = types[extname(file)] ?? 'application/octet-stream';
  const headers = { etag, 'cache-control': 'no-cache' };
  return {
    method: 'GET',
    path,
    handle(ask: Ask): Answer {
      const known = ask.headers['if-none-match'] === etag;
      return { status: known ? 304 : 200, type, body: known ? '' : body, headers };
    },
  };
}

/** The page, its chart library and the README, from the package's own files. */
export function assetRoutes(): Route[] {
  const root = packageRoot();
  const page = join(root, 'src', 'server', 'page');
  const uplot = dirname(createRequire(import.meta.url).resolve('uplot/dist/uPlot.esm.js'));
  const readme = join(root, 'README.md');
  return [
    assetRoute('/', join(page, 'index.html')),
    ...readdirSync(page)
      .filter((name) => name !== 'index.html')
      .map((name) => assetRoute(`/page/${name}`, join(page, name))),
    assetRoute('/page/uplot.js', join(uplot, 'uPlot.esm.js')),
    assetRoute('/page/uplot.css', join(uplot, 'uPlot.min.css')),
    ...(existsSync(readme) ? [assetRoute('/readme', readme)] : []),
  ];
}
