"""Run the tests against mutants of the package, and list the mutants that no test notices.

    python -m tests.mutate                                       # all of skrnn/input and skrnn/net
    python -m tests.mutate --sample 200 --seed 1 skrnn/net       # 200 of them, drawn
    python -m tests.mutate --only skrnn/net/pooling.py:31        # those of one line, again

In: modules or folders; test files are found by their names. The tests of skrnn/net/x.py are
tests/net/test_x.py, then the others of tests/net, then the rest without `slow` ones, quickest
first; each file runs in a process of its own, up to the first failure. Out: the survivors with
their lines, and a table. The exit code is 0 if nothing survived, 1 if something did and 2 if
the tests fail on the unchanged code. An interrupt prints the table of what has run so far.

`tests/mutants.txt` lists mutants that no test can notice, one a line, with the reason:
`skrnn/net/x.py | old line | new line | reason`. They are neither run nor counted in the score.

One process imports the libraries, but not skrnn, and forks a child for each mutant, which
imports skrnn from a copy of the repository. It takes a system that has fork, such as Linux.
"""

import argparse
import contextlib
import gc
import importlib
import importlib.util
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
import types
from collections import Counter, deque
from pathlib import Path, PurePosixPath
from typing import NamedTuple

if __package__:
    from tests.mutants import Mutant, mutants
else:
    from mutants import Mutant, mutants

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "skrnn"
MODULES = ["skrnn/input", "skrnn/net"]
KNOWN = ROOT / "tests" / "mutants.txt"
NOT_OF_THE_CODE = {  # these look at pages, at benchmarks or at the text of the source
    "test_benchmarks.py", "test_docs.py", "test_structure.py", "test_mutate.py",
}  # fmt: skip
NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "_build", "build", "dist", "*.egg-info")
ENVIRONMENT = {
    "SCIPY_ARRAY_API": "1",  # as in conftest.py, which comes too late here
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # saves half a second for each test file
}
LIBRARIES = [
    "numpy", "scipy.sparse", "scipy.special", "sklearn.linear_model", "sklearn.model_selection",
    "sklearn.pipeline", "sklearn.utils.estimator_checks", "torch", "pytest",
]  # fmt: skip
OPTIONS = [
    "-x", "-q", "--no-header", "--tb=short", "-p", "no:cacheprovider",
    "-m", "not slow and not engines",
    "-o", "addopts=--strict-markers",  # without the doctests of the settings
]  # fmt: skip
GRACE = 20  # seconds that a test file may always take, beside the multiple of its usual time
FIRST_LIMIT = 1200  # seconds for a test file while its usual time is unknown
MEMORY = 16 << 30  # bytes a child may use, should a mutant ask for a huge array
VERDICTS = ["survived", "killed", "timeout"]
SURVIVED, KILLED, TIMEOUT = range(3)  # exit codes of children
STRAY, BROKEN = 70, 71  # skrnn was not imported from the copy; a fault of this file
INTERRUPTED = 130


class Task(NamedTuple):
    """A mutant, or the unchanged code, and the test files to run, each with its limit."""

    number: int
    mutant: Mutant | None
    limits: dict  # test file -> seconds


class SlowMarker:
    """A plugin that makes `-m "not slow"` valid where the settings declare no such marker."""

    def pytest_configure(self, config):
        for marker in ("slow", "engines"):
            config.addinivalue_line("markers", f"{marker}: left out of mutation runs")


def main(argv=None):
    args = _arguments(argv)
    every = [mutant for path in _modules(args.modules) for mutant in _of_file(path)]
    chosen = _chosen(every, args)
    if args.list:
        print(*map(_described, chosen), f"{len(chosen)} mutants", sep="\n")
        return 0
    known = KNOWN.read_text(encoding="utf-8").splitlines() if KNOWN.exists() else []
    equivalent = [mutant for mutant in chosen if _is_known(mutant, known)]
    _say_what_is_stale(known, every)
    rows = _recorded(args)
    verdicts = {mutant: rows[_key(mutant)] for mutant in chosen if _key(mutant) in rows}
    verdicts.update(dict.fromkeys(equivalent, "equivalent"))
    todo = [mutant for mutant in chosen if mutant not in verdicts]
    for mutant, verdict in verdicts.items():
        _tell(mutant, verdict)
    return _finished(verdicts, _run(todo, args))


def _finished(verdicts, results):
    """Add the results to the verdicts, print the summary, and give the exit code."""
    code = None
    try:
        verdicts.update(results)
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        code = INTERRUPTED
    _print_summary(verdicts)
    return code or int("survived" in verdicts.values())


def _arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("modules", nargs="*", default=MODULES, help="modules or folders (default: %(default)s)")
    add("--sample", type=int, metavar="N", help="run N mutants, drawn at random")
    add("--seed", type=int, default=0, help="of the sample (default: 0)")
    add("--jobs", type=int, default=2, help="mutants run at a time (default: 2)")
    add("--tests", nargs="+", metavar="PATH", help="run these tests only")
    late = f"stop a test file after FACTOR times its usual time and {GRACE} s (default: 4)"
    add("--timeout", type=float, default=4, metavar="FACTOR", help=late)
    add("--list", action="store_true", help="print the mutants and run nothing")
    add("--only", metavar="FILE:LINE", help="run the mutants of one line")
    add("--record", metavar="FILE", help="write each result to FILE, a JSON object a line")
    add("--resume", action="store_true", help="skip what the file of --record has already")
    args = parser.parse_args(argv)
    if args.resume and not args.record:
        parser.error("--resume needs --record FILE")
    if args.only:
        args.modules = [args.only.rpartition(":")[0]]
    return args


def _modules(paths):
    """List the modules in files and folders, relative to the repository."""
    for path in paths:
        full = ROOT / path
        if not full.exists():
            sys.exit(f"There is no {path} in {ROOT}.")
        files = sorted(full.rglob("*.py")) if full.is_dir() else [full]
        yield from (file.resolve().relative_to(ROOT).as_posix() for file in files)


def _of_file(path):
    return mutants((ROOT / path).read_text(encoding="utf-8"), path)


def _chosen(every, args):
    if args.only:
        line = int(args.only.rpartition(":")[2])
        return [mutant for mutant in every if mutant.line == line]
    if args.sample is None or args.sample >= len(every):
        return every
    drawn = random.Random(args.seed).sample(range(len(every)), args.sample)
    return [every[i] for i in sorted(drawn)]


def _described(mutant):
    where = f"{mutant.path}:{mutant.line} {mutant.kind}"
    return f"{where}\n  - {mutant.old}\n  + {mutant.new}"


def _is_known(mutant, known):
    start = f"{mutant.path} | {mutant.old} | {mutant.new} | "
    return any(line.startswith(start) for line in known)


def _say_what_is_stale(known, every):
    """Name the lines of mutants.txt that fit no mutant of the modules they are about."""
    paths = {mutant.path for mutant in every}
    fits = {f"{mutant.path} | {mutant.old} | {mutant.new} | " for mutant in every}
    for line in known:
        if line.split(" | ")[0] in paths and not any(line.startswith(fit) for fit in fits):
            print(f"{KNOWN.name} has a line that fits no mutant: {line}", file=sys.stderr)


def _key(mutant):
    return mutant.path, mutant.line, mutant.old, mutant.new


def _recorded(args):
    """Read the verdicts of an earlier run, or start a new file."""
    if not args.record:
        return {}
    file = Path(args.record)
    if not args.resume or not file.exists():
        file.write_text("")
    rows = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return {(r["file"], r["line"], r["old"], r["new"]): r["verdict"] for r in rows}


def _run(todo, args):
    """Give the verdict of each mutant as its tests end."""
    if not todo:
        return
    with tempfile.TemporaryDirectory(prefix="mutants-", ignore_cleanup_errors=True) as folder:
        copies = [_copied(Path(folder).resolve() / f"copy{i}") for i in range(args.jobs)]
        _import_libraries()
        times = _usual_times(_test_files(args.tests), copies)
        tasks = [
            Task(number, mutant, _limits(mutant.path, times, args.timeout))
            for number, mutant in enumerate(todo, 1)
        ]
        for done, (task, code, seconds, log) in enumerate(_in_parallel(tasks, copies), 1):
            verdict = _verdict(task, code, log)
            _tell(task.mutant, verdict)
            _tell_progress(done, len(tasks))
            _record(args.record, task.mutant, verdict, seconds, log)
            yield task.mutant, verdict


def _copied(folder):
    shutil.copytree(ROOT, folder, ignore=NOT_COPIED)
    return folder


def _import_libraries():
    """Import what every child needs, so that each has it at once; skrnn is not among it."""
    os.environ.update(ENVIRONMENT)
    for name in LIBRARIES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    assert PACKAGE not in sys.modules
    gc.freeze()


def _test_files(paths):
    """List the test files in the paths given, or all that are about the code."""
    files = []
    for path in paths or ["tests"]:
        folder = sorted((ROOT / path).rglob("test_*.py"))
        files += [file.relative_to(ROOT).as_posix() for file in folder] or [path]
    return files if paths else [f for f in files if Path(f).name not in NOT_OF_THE_CODE]


def _usual_times(files, copies):
    """Run each test file on the unchanged code; give its seconds."""
    print(f"{len(files)} test files on the unchanged code", file=sys.stderr, flush=True)
    times = {}
    tasks = [Task(0, None, {file: FIRST_LIMIT}) for file in files]
    for task, code, seconds, log in _in_parallel(tasks, copies):
        file = next(iter(task.limits))
        if _verdict(task, code, log) != "survived":
            raise RuntimeError(f"{file} does not pass on the unchanged code:\n{log[-4000:]}")
        times[file] = seconds
    total = sum(times.values())
    print(f"they pass in {total:.0f} s of one job", file=sys.stderr, flush=True)
    return times


def _limits(module, times, factor):
    """Give the test files of a module in their order, each with its limit in seconds."""
    path = PurePosixPath(module)
    folder = PurePosixPath("tests", *path.parts[1:-1])
    mirror = folder / f"test_{path.stem.strip('_')}.py"

    def rank(file):
        return PurePosixPath(file) != mirror, PurePosixPath(file).parent != folder, times[file]

    return {file: factor * times[file] + GRACE for file in sorted(times, key=rank)}


def _in_parallel(tasks, copies):
    """Run tasks, each in a copy to itself; give (task, exit code, seconds, log) of each."""
    free, waiting, running = list(copies), deque(tasks), {}
    try:
        while waiting or running:
            while free and waiting:
                task, copy = waiting.popleft(), free.pop()
                running[_forked(_judge, task, copy)] = task, copy, time.monotonic()
            pid, status = os.wait()
            task, copy, start = running.pop(pid)
            free.append(copy)
            log = _log_of(copy).read_text(encoding="utf-8", errors="replace")
            yield task, os.waitstatus_to_exitcode(status), time.monotonic() - start, log
    finally:
        _stop(running)


def _stop(pids):
    """End children before their time; each ends what it has started itself."""
    for pid in pids:
        os.kill(pid, signal.SIGINT)
    for pid in pids:
        os.waitpid(pid, 0)


def _log_of(copy):
    return copy.with_suffix(".log")


def _forked(function, *args):
    """Start a child that ends with the number that a function returns; give its id."""
    sys.stdout.flush(), sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    code = BROKEN
    try:
        code = function(*args)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush(), sys.stderr.flush()
        os._exit(code)


def _judge(task, copy):
    """Run the test files one after another on a mutant, and say how the first bad one ended."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _log_of(copy).write_text("")
    with _written(task, copy):
        for file, limit in task.limits.items():
            code = _ended(_forked(_run_pytest, file, copy), limit)
            if code != SURVIVED:
                return code
    return SURVIVED


@contextlib.contextmanager
def _written(task, copy):
    """Put a mutant in the place of its module in the copy, for a while."""
    if task.mutant is None:
        yield
        return
    file = copy / task.mutant.path
    text, times = file.read_bytes(), file.stat()
    file.write_text(task.mutant.source, encoding="utf-8")
    os.utime(file, (task.number, task.number))  # else Python may take bytecode of another mutant
    try:
        yield
    finally:
        file.write_bytes(text)
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


def _ended(pid, limit):
    """Wait for pytest, stop it at the limit, and end whatever it has started."""
    end = time.monotonic() + limit
    try:
        while time.monotonic() < end:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                code = os.waitstatus_to_exitcode(status)
                return code if code in (SURVIVED, STRAY, BROKEN) else KILLED
            time.sleep(0.01)
        return TIMEOUT
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def _run_pytest(file, copy):
    """Run one test file as if Python had been started in the copy; this is a child's work."""
    os.setsid()
    _limit_memory()
    _write_to(_log_of(copy))
    _move_to(copy)
    import pytest

    spec = importlib.util.find_spec(PACKAGE)
    if not Path(spec.origin).is_relative_to(copy):
        print(f"{PACKAGE} would be imported from {spec.origin}")
        return STRAY
    code = pytest.main([*OPTIONS, file], plugins=[SlowMarker()])
    strays = [path for path in _own_files() if not Path(path).is_relative_to(copy)]
    if strays:
        print("not imported from the copy:", *strays)
        return STRAY
    return SURVIVED if code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) else KILLED


def _limit_memory():
    import resource  # not on every system, and needed here alone

    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


def _write_to(log):
    """Send what is printed to a file, and give nothing to read."""
    with open(log, "ab") as out, open(os.devnull, "rb") as nothing:
        for stream, file in [(0, nothing), (1, out), (2, out)]:
            os.dup2(file.fileno(), stream)


def _move_to(copy):
    """Make this process, and those that it starts, import from the copy and not from here."""
    os.chdir(copy)
    os.environ["PYTHONPATH"] = str(copy)
    elsewhere = [p for p in sys.path if p and not Path(p).resolve().is_relative_to(ROOT)]
    inside = [p for p in sys.path if "site-packages" in p and p not in elsewhere]
    sys.path[:] = [str(copy), *elsewhere, *inside]
    for name in list(sys.modules):
        if name.partition(".")[0] in {PACKAGE, "tests", "mutants"}:
            del sys.modules[name]
    sys.modules["__main__"] = types.ModuleType("__main__")


def _own_files():
    own = [m for name, m in list(sys.modules.items()) if name.partition(".")[0] == PACKAGE]
    return [module.__file__ for module in own if getattr(module, "__file__", None)]


def _verdict(task, code, log):
    """Name how a task ended; an interrupt or a fault of this file ends the run."""
    if code in (SURVIVED, KILLED, TIMEOUT):
        return VERDICTS[code]
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    what = _described(task.mutant) if task.mutant else "the unchanged code"
    raise RuntimeError(f"The run itself failed on {what}\n{log[-4000:]}")


def _tell(mutant, verdict):
    if verdict in ("survived", "timeout"):
        print(f"{verdict} {_described(mutant)}", flush=True)


def _tell_progress(done, of):
    if done % 50 == 0 or done == of:
        print(f"{done} of {of} mutants have run", file=sys.stderr, flush=True)


def _record(file, mutant, verdict, seconds, log):
    if file:
        row = {"file": mutant.path, "line": mutant.line, "kind": mutant.kind}
        row |= {"old": mutant.old, "new": mutant.new, "verdict": verdict}
        row |= {"seconds": round(seconds, 2), "by": _failure(log) if verdict == "killed" else None}
        with open(file, "a", encoding="utf-8") as out:
            out.write(json.dumps(row) + "\n")


def _failure(log):
    """Find the test that failed in what pytest printed."""
    lines = [line for line in log.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    return lines[-1].partition(" ")[2].partition(" - ")[0] if lines else None


def _print_summary(verdicts):
    """Print a table with a line for each module and one for all."""
    width = max([len(mutant.path) for mutant in verdicts], default=0)
    head = ("mutants", "killed", "timeout", "survived", "equivalent", "score")
    print(f"\n{'module':{width}}", *(f"{name:>10}" for name in head))
    for path in sorted({mutant.path for mutant in verdicts}):
        _print_row(path, width, [v for mutant, v in verdicts.items() if mutant.path == path])
    _print_row("all", width, list(verdicts.values()))


def _print_row(name, width, verdicts):
    count = Counter(verdicts)
    found, judged = count["killed"] + count["timeout"], len(verdicts) - count["equivalent"]
    score = f"{100 * found / judged:.1f}%" if judged else "-"
    kinds = ("killed", "timeout", "survived", "equivalent")
    cells = [len(verdicts), *(count[kind] for kind in kinds), score]
    print(f"{name:{width}}", *(f"{cell:>10}" for cell in cells))


if __name__ == "__main__":
    sys.exit(main())
