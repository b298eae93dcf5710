"""Runs a command on a pseudo-terminal of its own, and types what the steps say.

Arguments: the terminal's width in columns, the steps in JSON, the command and its arguments. A step waits until `after`
has been printed and the terminal does not echo; then it types `type`, byte by byte where `slowly` is set, sends the signal
`signal` to the command, or runs the other command `run` to its end. What came of it is printed as JSON.
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time

columns, steps, *command = sys.argv[1:]
steps = json.loads(steps)
deadline = time.monotonic() + 20
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(columns), 0, 0))


def echoes():
    return bool(termios.tcgetattr(slave)[3] & termios.ECHO)


def act(step):
    if "signal" in step:
        child.send_signal(getattr(signal, step["signal"]))
    elif "run" in step:
        subprocess.run(step["run"], check=True, stdout=subprocess.DEVNULL)
    else:
        text = step["type"].encode()
        size = 1 if step.get("slowly") else len(text)
        for start in range(0, len(text), size):
            os.write(master, text[start : start + size])
            # As a person types: nothing depends on it but that the command reads the bytes one by one.
            time.sleep(0.003 if step.get("slowly") else 0)


child = subprocess.Popen(
    command,
    stdin=slave,
    stdout=slave,
    stderr=slave,
    start_new_session=True,
    preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
)
seen = b""
position = 0
hung = False
while True:
    ended = child.poll() is not None
    if select.select([master], [], [], 0 if ended else 0.01)[0]:
        seen += os.read(master, 65536)
        continue
    if ended:
        break
    if time.monotonic() > deadline:
        hung = True
        child.kill()
        child.wait()
        continue
    if not steps:
        continue
    wanted = steps[0]["after"].encode()
    found = seen.find(wanted, position)
    if found >= 0 and not echoes():
        position = found + len(wanted)
        act(steps.pop(0))

text = seen.decode(errors="replace").replace("\r\n", "\n")
json.dump({"code": child.returncode, "text": text, "echoes": echoes(), "hung": hung, "left": len(steps)}, sys.stdout)
