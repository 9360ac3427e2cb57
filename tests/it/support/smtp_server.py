"""A real SMTP server for the tests: keeps what arrives in the folder argv[1], prints its port, ends with its standard input.

Who is written to decides what happens: refused@.. is refused for good, later@.. for now, and with vanish@.. the mail is
kept but the connection breaks before the answer.
"""

import asyncio
import json
import os
import pathlib
import sys

from aiosmtpd.smtp import SMTP

FOLDER = pathlib.Path(sys.argv[1])


class Handler:
    count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return "550 5.1.1 No such mailbox"
        if address.startswith("later@"):
            return "451 4.3.0 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        name = f"{self.count:06}"
        (FOLDER / f"{name}.eml").write_bytes(envelope.original_content)
        about = {"from": envelope.mail_from, "to": envelope.rcpt_tos}
        (FOLDER / f"{name}.json").write_text(json.dumps(about))
        if any(to.startswith("vanish@") for to in envelope.rcpt_tos):
            server.transport.abort()
        return "250 Kept"


async def main():
    handler = Handler()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, hostname="localhost", enable_SMTPUTF8=True), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    os._exit(0)


asyncio.run(main())
