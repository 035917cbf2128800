# SPDX-License-Identifier: Apache-2.0
"""A Unix socket before a Redis's own, that spoils one answer, or one command,
counted over all connections."""
import contextlib
import socket
import threading

CHUNK = 1 << 16

# What becomes of the n-th: an answer is another, is lost with its connection,
# whole or in half; or the command is, and was never carried out.
WAYS = {"error": b"-ERR it was spoilt\r\n", "busy": b"-BUSY spoilt for a while\r\n",
        "nil": b"$-1\r\n", "lost": b"", "half": None, "unsent": None}


def whole(data, at):
    """Where the protocol's item at `at` ends; None: it is not all there."""
    line = data.find(b"\r\n", at)
    if line < 0:
        return None
    end, kind = line + 2, data[at:at + 1]
    if kind == b"*":
        for _ in range(int(data[at + 1:line])):
            end = whole(data, end)
            if end is None:
                return None
    elif kind == b"$" and int(data[at + 1:line]) >= 0:
        end += int(data[at + 1:line]) + 2
    return end if end <= len(data) else None


class Spoiler:
    """In threads of its own until it is closed."""

    def __init__(self, front, back):
        self.socket, self.back = front, str(back)
        self.lock, self.pairs = threading.Lock(), set()
        self.left, self.how = 0, None
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(front))
        self.listener.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()

    def spoil(self, number, how):
        """The `number`-th from now on; connections begin anew."""
        with self.lock:
            self.left, self.how = number, how
            pairs = list(self.pairs)
        for pair in pairs:
            self.drop(pair)

    def reached(self):
        return self.left == 0

    def accept(self):
        while True:
            near, _ = self.listener.accept()
            far = socket.socket(socket.AF_UNIX)
            far.connect(self.back)
            pair = (near, far)
            with self.lock:
                self.pairs.add(pair)
            for ends, up in (((near, far), True), ((far, near), False)):
                threading.Thread(target=self.forward, args=(pair, *ends, up),
                                 daemon=True).start()

    def forward(self, pair, source, sink, up):
        data = b""
        with contextlib.suppress(OSError):
            while more := source.recv(CHUNK):
                data, out, going = self.pass_on(data + more, up)
                sink.sendall(out)
                if not going:
                    break
        self.drop(pair)

    def pass_on(self, data, up):
        """(what is not whole yet, what goes on, whether more may)"""
        at, out = 0, []
        while at < len(data) and (end := whole(data, at)) is not None:
            item, at = data[at:end], end
            if not self.is_next(up):
                out.append(item)
                continue
            if WAYS[self.how]:
                out.append(WAYS[self.how])
                continue
            if self.how == "half":
                out.append(item[:len(item) // 2])
            return b"", b"".join(out), False
        return data[at:], b"".join(out), True

    def is_next(self, up):
        with self.lock:
            if self.left == 0 or up != (self.how == "unsent"):
                return False
            self.left -= 1
            return self.left == 0

    def drop(self, pair):
        with self.lock:
            self.pairs.discard(pair)
        for one in pair:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self):
        self.listener.close()
        self.spoil(0, None)
