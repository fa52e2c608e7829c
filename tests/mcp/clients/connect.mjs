// SPDX-License-Identifier: LGPL-2.1-or-later
// connect.mjs SOCKET: standard input and output, over a socket.
import { connect } from 'node:net';

const socket = connect(process.argv[2]);
process.stdin.pipe(socket);
socket.pipe(process.stdout);
