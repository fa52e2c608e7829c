// SPDX-License-Identifier: LGPL-2.1-or-later
// inspector-task.mjs GLOVEBOX ERA WORKSPACE TRANSCRIPT WORD: a whole task by the Inspector's --cli. ERA: legacy or modern.
// The Inspector makes one call and ends its server, and sessions end with their server. So what it starts as a server is
// connect.mjs, and one glovebox is behind all of these.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { doTask, Transcript } from './task.mjs';

const [glovebox, era, workspace, path, word] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const inspector = join(here, 'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js');
const transcript = new Transcript(path);
const folder = mkdtempSync(join(tmpdir(), 'glb-inspector-'));

async function inspect(options, server) {
  const args = [inspector, '--cli', '-q', '--format', 'json', '--protocol-era', era, ...options, '--', ...server];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: 60000, maxBuffer: 64 << 20 });
  assert.equal(stderr, '');
  return JSON.parse(stdout).result;
}

// Passes lines on between the server and whoever is connected: one after the other.
function relay(server) {
  let client;
  const listener = createServer(socket => {
    client = socket;
    createInterface({ input: socket }).on('line', line => {
      transcript.add('>', JSON.parse(line));
      server.stdin.write(`${line}\n`);
    });
  });
  createInterface({ input: server.stdout }).on('line', line => {
    transcript.add('<', JSON.parse(line));
    client.write(`${line}\n`);
  });
  return listener;
}

// With a server of its own, which ends by itself. --strict: complains of schemas that another client could not use.
const environment = ['XDG_RUNTIME_DIR', 'XDG_STATE_HOME', 'GLOVEBOX_PRIVATE_PATH'].flatMap(name => ['-e', `${name}=${process.env[name]}`]);
const list = await inspect(['--method', 'tools/list', '--strict', ...environment], [glovebox, 'mcp', '--workspace', workspace]);
assert.ok(list.tools.some(tool => tool.name === 'computer'));

const server = spawn(glovebox, ['mcp', '--workspace', workspace], { stdio: ['pipe', 'pipe', 'inherit'] });
const listener = relay(server).listen(join(folder, 'mcp'));
try {
  await doTask((name, args) => inspect(
    ['--method', 'tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args)],
    [process.execPath, join(here, 'connect.mjs'), join(folder, 'mcp')]), word);
} finally {
  listener.close();
  server.stdin.end();
  await once(server, 'exit');
  rmSync(folder, { recursive: true });
}
assert.equal(server.exitCode, 0);
