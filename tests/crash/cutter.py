# SPDX-License-Identifier: Apache-2.0
"""A Unix socket before another, whose connections can be cut at any byte."""
import contextlib
import selectors
import socket
import threading

CHUNK = 1 << 16
LOOK_S = 0.5


class Cutter:
    """Forwards what comes at `front` to `back`, in a thread of its own, until
    it is closed. What one side does not take in time is waited for: a slow
    peer stays slow."""

    def __init__(self, front, back):
        self.back, self.pairs, self.orders = str(back), {}, []
        self.cuts = 0
        self.selector = selectors.DefaultSelector()
        self.wake, self.woken = socket.socketpair()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(front))
        self.listener.listen(64)
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.selector.register(self.woken, selectors.EVENT_READ)
        self.going = True
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def cut(self):
        """Closes every connection; new ones are taken."""
        self.order(self.drop_all)

    def close(self):
        self.order(self.stop)
        self.thread.join()

    def order(self, what):
        self.orders.append(what)
        self.wake.send(b"!")

    def stop(self):
        self.going = False

    def run(self):
        while self.going:
            for key, _ in self.selector.select(LOOK_S):
                self.ready(key.fileobj)
        self.drop_all()
        for one in (self.listener, self.wake, self.woken, self.selector):
            one.close()

    def ready(self, one):
        if one is self.woken:
            self.woken.recv(CHUNK)
            while self.orders:
                self.orders.pop(0)()
        elif one is self.listener:
            self.accept()
        elif one in self.pairs:
            self.forward(one)

    def accept(self):
        near, _ = self.listener.accept()
        far = socket.socket(socket.AF_UNIX)
        try:
            far.connect(self.back)
        except OSError:  # the daemon is dead: so is the connection
            near.close()
            far.close()
            return
        for one, other in ((near, far), (far, near)):
            self.pairs[one] = other
            self.selector.register(one, selectors.EVENT_READ)
            one.settimeout(LOOK_S)

    def forward(self, one):
        try:
            data = one.recv(CHUNK)
            rest = memoryview(data)
            while rest and self.going and not self.orders:
                with contextlib.suppress(TimeoutError):
                    rest = rest[self.pairs[one].send(rest):]
        except OSError:
            data = b""
        if not data or rest:
            self.drop(one)

    def drop(self, one):
        for side in (one, self.pairs.get(one)):
            if self.pairs.pop(side, None) is not None:
                self.selector.unregister(side)
                side.close()
        self.cuts += 1

    def drop_all(self):
        while self.pairs:
            self.drop(next(iter(self.pairs)))
