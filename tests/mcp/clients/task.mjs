// SPDX-License-Identifier: LGPL-2.1-or-later
import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';

// The whole task of a test, with a client's way to call a tool: call(name, arguments) gives the result of tools/call.
// A shell in a terminal writes the word into the file `typed`, which whoever started this looks for.
export async function doTask(call, word) {
  const use = async (name, args) => {
    const result = await call(name, args);
    assert.ok(!result.isError, `${name}: ${JSON.stringify(result.structuredContent)}`);
    return result;
  };
  const { session } = (await use('session_start', {})).structuredContent;
  await use('launch_app', { session, command: ['foot'] });
  await use('wait_for', { session, appId: 'foot', quietMs: 100 });
  const before = await use('computer', { session, action: 'screenshot' });
  const typed = await use('computer', { session, action: 'type', text: `echo ${word} > typed\n` });
  assert.ok(typed.structuredContent.settled);
  checkPictures(before, typed);
  const shown = await use('exec', { session, command: ['sh', '-c', 'until [ -s typed ]; do sleep 0.02; done; cat typed'] });
  assert.equal(shown.structuredContent.stdout, `${word}\n`);
  const stopped = await use('session_stop', { session });
  assert.equal(stopped.structuredContent.state, 'ended');
}

function pictureOf(result) {
  const image = result.content.find(content => content.type === 'image');
  assert.equal(image.mimeType, 'image/png');
  const bytes = Buffer.from(image.data, 'base64');
  assert.equal(bytes.toString('latin1', 1, 4), 'PNG');
  assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [1280, 800]);
  return bytes;
}

function checkPictures(before, after) {
  assert.ok(!pictureOf(before).equals(pictureOf(after)), 'the screen did not change');
}

// What goes over the wire, one message a line behind `>` (to the server) or `<`, with pictures cut short.
export class Transcript {
  constructor(path) {
    this.path = path;
    writeFileSync(path, '');
  }

  add(direction, message) {
    const shorten = (key, value) =>
      key === 'data' && typeof value === 'string' && value.length > 80 ? `${value.slice(0, 16)}… ${value.length} characters` : value;
    appendFileSync(this.path, `${direction} ${JSON.stringify(message, shorten)}\n`);
  }
}
