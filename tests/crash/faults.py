# SPDX-License-Identifier: Apache-2.0
"""What each fault of the plan does, and how it is mended."""
import signal

from plan import SHARDS

NEVER_MS = 3000  # a polite stop that takes longer ends by SIGKILL


def pick(ones, fault):
    return ones[fault.choice % len(ones)]


def end(process):
    process.child.kill()
    process.child.wait()


def alive(process):
    return process.child.poll() is None


# ---- daemons ----

def kill_daemon(stage, fault):
    end(pick(stage.daemons, fault).process)


def start_daemons(stage, _):
    for daemon in stage.daemons:
        if not alive(daemon.process):
            daemon.start(ready=False)


def stop_daemon(stage, fault):
    pick(stage.daemons, fault).process.send_signal(signal.SIGSTOP)


def continue_daemon(stage, fault):
    pick(stage.daemons, fault).process.send_signal(signal.SIGCONT)


def end_daemon_politely(stage, fault):
    pick(stage.daemons, fault).process.send_signal(signal.SIGTERM)


def await_daemon(stage, fault):
    process = pick(stage.daemons, fault).process
    if not stage.until(lambda: not alive(process), NEVER_MS / 1000):
        stage.note("the polite stop took too long")
        end(process)
    start_daemons(stage, fault)


def stop_in_turn(stage, fault):
    """Of two, one is stopped while it waits for its turn or has it."""
    store = stage.store
    if reachable(stage):
        stage.until(lambda: any(store.primary.call(
            "LLEN", "evald:1:{%s:%d}:turn" % shard) for shard in SHARDS), 0.3)
    stop_daemon(stage, fault)


# ---- Redis ----

def lone_primary(stage):
    """Its death would be that of all copies: no mode promises against it."""
    return stage.store.replicated and (
        stage.store.replica is None
        or not alive(stage.store.replica.process))


def reachable(stage):
    return stage.store.alive and not stage.store.stopped


def kill_redis(stage, _):
    if lone_primary(stage):
        return stage.note("skipped: the replica is dead")
    stage.store.kill()


def start_redis(stage, _):
    stage.store.start()


def kill_both(stage, fault):
    for daemon in stage.daemons:
        end(daemon.process)
    kill_redis(stage, fault)


def start_both(stage, fault):
    start_redis(stage, fault)
    start_daemons(stage, fault)


def stop_redis(stage, _):
    if stage.store.alive:
        stage.store.stopped = True
        stage.store.primary.process.send_signal(signal.SIGSTOP)


def continue_redis(stage, _):
    if stage.store.alive:
        stage.store.primary.process.send_signal(signal.SIGCONT)
    stage.store.stopped = False


def fill_redis(stage, fault):
    if reachable(stage):
        stage.store.fill(fault.choice % 8000)


def empty_redis(stage, _):
    if not stage.store.stopped:  # else it could not be filled
        stage.store.empty()


def cut_redis(stage, _):
    if reachable(stage):
        stage.store.primary.call("CLIENT", "KILL", "TYPE", "normal")


def kill_replica(stage, _):
    if reachable(stage) and stage.store.replica is not None:
        stage.store.replica.kill()


def start_replica(stage, _):
    if reachable(stage) and not alive(stage.store.replica.process):
        stage.store.add_replica()


# ---- clients ----

def kill_producer(stage, fault):
    pick(stage.clients, fault).kill()


def start_producer(stage, fault):
    client = pick(stage.clients, fault)
    if not alive(client.process) and client.process.child.returncode != 0:
        client.start()


def cut_doors(stage, _):
    for cutter in stage.cutters:
        cutter.cut()


def stop_reader(stage, _):
    stage.reader.send_signal(signal.SIGSTOP)


def continue_reader(stage, _):
    stage.reader.send_signal(signal.SIGCONT)


def nothing(*_):
    pass


# kind: (how it strikes, how it is mended)
TABLE = {
    "daemon": (kill_daemon, start_daemons),
    "redis": (kill_redis, start_redis),
    "both": (kill_both, start_both),
    "producer": (kill_producer, start_producer),
    "stop-daemon": (stop_daemon, continue_daemon),
    "stop-redis": (stop_redis, continue_redis),
    "full": (fill_redis, empty_redis),
    "cut-redis": (cut_redis, nothing),
    "cut-doors": (cut_doors, cut_doors),
    "slow-reader": (stop_reader, continue_reader),
    "replica": (kill_replica, start_replica),
    "term-daemon": (end_daemon_politely, await_daemon),
    "late-turn": (stop_in_turn, continue_daemon),
}


def strike(stage, fault):
    """A fault from its beginning to its end, with the one inside."""
    blow, mend = TABLE[fault.kind]
    stage.note(f"{fault.kind} strikes at {stage.answers()} answers")
    blow(stage, fault)
    stage.hold(fault.hold_ms // 2)
    if fault.within is not None:
        strike(stage, fault.within)
    stage.hold(fault.hold_ms - fault.hold_ms // 2)
    mend(stage, fault)
    stage.note(f"{fault.kind} is mended")


def restart_what_ended(stage):
    """Whatever a fault left behind: all must work in the end."""
    stage.store.start()
    start_daemons(stage, None)


