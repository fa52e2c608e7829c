// SPDX-License-Identifier: LGPL-2.1-or-later
// client-task.mjs GLOVEBOX ERA WORKSPACE TRANSCRIPT WORD: a whole task by @modelcontextprotocol/client. ERA: legacy, modern or auto.
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { doTask, Transcript } from './task.mjs';

const [glovebox, era, workspace, path, word] = process.argv.slice(2);
const transcript = new Transcript(path);

// Tells what is said, whoever takes it: while the version is negotiated that is not the client yet.
class ToldTransport extends StdioClientTransport {
  constructor(options) {
    super(options);
    let take;
    Object.defineProperty(this, 'onmessage', {
      get: () => take,
      set: taker => {
        take = taker && ((message, ...more) => {
          transcript.add('<', message);
          taker(message, ...more);
        });
      },
    });
  }

  async send(message, ...more) {
    transcript.add('>', message);
    await super.send(message, ...more);
  }
}

const client = new Client({ name: 'glovebox-test', version: '1' },
  { versionNegotiation: { mode: era === 'modern' ? { pin: '2026-07-28' } : era } });
await client.connect(new ToldTransport({ command: glovebox, args: ['mcp', '--workspace', workspace], env: process.env }));
// With the list at hand the client checks each result against its output schema.
await client.listTools();
await doTask((name, args) => client.callTool({ name, arguments: args }), word);
await client.close();
