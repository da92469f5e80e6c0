"""One sheet of editree in many real terminals: `.ci/screenshots terminals`.

What the machine has is shown; what it lacks is named and left out. With ROOT=DIR the terminals of that
Debian tree are taken (its /tmp and /proc are those of this machine): Debian 12 has no ttyd and no eat,
and a kitty that is too old for tmux.
"""

import json
import os
import pwd
import re
import shlex
import shutil
import socket
import subprocess
import time

SIZE = (84, 26)
# What has stood still for so many seconds is whole.
PICTURE = 5
# Of a page in a browser.
WIDE, HIGH = 690, 440
FONT = "DejaVu Sans Mono"
# As many bytes as the sheet may have.
MOST = 1_500_000
TMUX = """set -g default-terminal tmux-256color
set -g escape-time 10
set -gq allow-passthrough on
set -g focus-events on
set -as terminal-features ',*:RGB'
"""
SWAY = """xwayland disable
default_border none
default_floating_border none
output * resolution 1200x800 position 0 0 bg #000000 solid_color
for_window [app_id=".*"] floating enable, move position 0 0
"""


def rooted(argv, root):
    return ["chroot", root, *argv] if root else argv


def home(argv, root):
    """What a terminal of another root starts runs on this machine all the same."""
    return ["/usr/sbin/chroot", f"/proc/{os.getpid()}/root", *argv] if root else argv


def has(program, root):
    # A link of that tree leads elsewhere on this machine.
    return shutil.which(program) if not root else os.path.lexists(os.path.join(root, "usr/bin", program))


def place_of(program, root):
    return root if has(program, root) else ""


def version(program, root):
    argv = [program, {"xterm": "-version", "st": "-v"}.get(program, "--version")]
    root = "" if program == "st" else place_of(program, root)
    told = subprocess.run(rooted(argv, root), capture_output=True, text=True, env=dict(os.environ, QT_QPA_PLATFORM="offscreen"))
    found = re.search(r"\d+(\.\d+)+|(?<=XTerm\()\d+", told.stdout + told.stderr)
    return found.group() if found else ""


def leave(log, press):
    """Presses until the recording, and with it what it runs, has ended."""
    def lives(pid):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
                return words[0].endswith(b"script") and log.encode() in words
        except OSError:
            return False

    for _ in range(5):
        press()
        end = time.time() + 4
        while time.time() < end:
            if not any(lives(pid) for pid in os.listdir("/proc") if pid.isdigit()):
                return
            time.sleep(0.2)
    print(f"{log}: still runs")


def recorded(log):
    try:
        with open(log, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def commands(folder, child):
    """How each terminal is started, in cells of about the same size."""
    columns, rows = SIZE
    kitty = ["kitty", "--config", "NONE"]
    for option in (f"initial_window_width={columns}c", f"initial_window_height={rows}c", "remember_window_size=no",
                   f"font_family={FONT}", "font_size=10", "cursor_blink_interval=0", "linux_display_server=x11",
                   "update_check_interval=0", "confirm_os_window_close=0", "enable_audio_bell=no", "window_padding_width=0"):
        kitty += ["-o", option]
    shape = f"{columns}x{rows}"
    xterm = ["xterm", "-ti", "vt340", "-fa", FONT, "-fs", "10", "-geometry", shape + "+0+0", "-b", "0", "+sb",
             "-bg", "black", "-fg", "white", "-xrm", "XTerm*numColorRegisters: 256",
             "-xrm", "XTerm*maxGraphicSize: 2000x2000", "-xrm", "XTerm*metaSendsEscape: true",
             "-xrm", "XTerm*termName: xterm-256color", "-e"]
    # Root may have no profile of its own: colours and bars are told.
    konsole = ["dbus-run-session", "--", "konsole", "--nofork", "--separate", "--hide-menubar", "--hide-tabbar",
               "-p", f"Font={FONT},10,-1,5,50,0,0,0,0,0", "-p", f"TerminalColumns={columns}", "-p", f"TerminalRows={rows}",
               "-p", "ScrollBarPosition=2", "-p", "TerminalMargin=0", "--geometry", "760x470+0+0", "-e"]
    foot = ["foot", "-c", "/dev/null", "-f", f"{FONT}:size=10", "-W", shape, "-o", "pad=0x0", "-o", "csd.preferred=none"]
    mlterm = ["mlterm", "-g", shape, "--fontsize=13", "--type=xft", "--sbmod=none", "--im=none", "--bg=black",
              "--fg=white", "--border=0", "--bel=none", "--meta=esc", "-e"]
    st = ["st", "-f", f"{FONT}:pixelsize=13", "-g", shape, "-e"]
    return {"kitty": kitty + child, "xterm": xterm + child, "konsole": konsole + child, "foot": foot + child,
            "mlterm": mlterm + child, "st": st + child}


class Shown:
    """A terminal on a display of its own that runs a command, which a recording tells of."""

    def __init__(self, tools, folder, name, command, root="", log=None, **more):
        self.tools, self.folder, self.started = tools, folder, []
        self.log = log or os.path.join(folder, "typescript")
        self.environment = tools.environment(folder, LIBGL_ALWAYS_SOFTWARE="1", SHELL="/bin/sh", PS1="$ ", **more)
        # The terminal has a home of its own: nobody's settings change the picture.
        self.environment["HOME"] = folder
        self.environment["DISPLAY"] = self.display()
        if name == "foot":
            self.sway()
        child = command if log else ["script", "-qfc", command, self.log]
        argv = commands(folder, home(child, root))[name]
        self.start(rooted(argv, root))

    def start(self, argv, **more):
        more = dict({"env": self.environment, "stderr": subprocess.DEVNULL, "stdout": subprocess.DEVNULL,
                     "stdin": subprocess.DEVNULL}, **more)
        self.started.append(subprocess.Popen(argv, **more))
        return self.started[-1]

    def display(self):
        read, write = os.pipe()
        self.start(["Xvfb", "-displayfd", str(write), "-screen", "0", "1200x800x24", "-nolisten", "tcp", "-dpi", "96"],
                   pass_fds=[write])
        os.close(write)
        return ":" + os.fdopen(read).readline().strip()

    def sway(self):
        """foot knows Wayland alone: sway is a window on our display. It refuses to run as root."""
        place = os.path.join(self.folder, "sway")
        os.makedirs(place, mode=0o700)
        with open(os.path.join(place, "config"), "w", encoding="ascii") as file:
            file.write(SWAY)
        drop = []
        if os.getuid() == 0:
            os.chown(place, 65534, 65534)
            drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        self.environment.update(XDG_RUNTIME_DIR=place)
        self.start([*drop, "sway", "-c", os.path.join(place, "config")],
                   env=dict(self.environment, WLR_BACKENDS="x11", WLR_RENDERER="pixman", HOME=place))
        socket = self.until("sway", lambda: next((it for it in os.listdir(place) if re.fullmatch(r"wayland-\d+", it)), None))
        self.environment["WAYLAND_DISPLAY"] = socket

    def until(self, what, look):
        end = time.time() + self.tools.PATIENCE
        while not (found := look()):
            if time.time() > end:
                raise SystemExit(f"waited for `{what}` in vain:\n{self.tools.plain(self.read())[-1500:]}")
            time.sleep(0.1)
        return found

    def read(self):
        return recorded(self.log)

    def wait(self, words, since=0):
        self.until(words, lambda: words in self.tools.plain(self.read()[since:]))
        self.settle()

    def settle(self, still=1.2):
        last, since, end = None, time.time(), time.time() + 40
        while time.time() - since < still and time.time() < end:
            now = self.grab().tobytes()
            if now != last:
                last, since = now, time.time()
            time.sleep(0.1)

    def xdo(self, *words):
        return subprocess.run(["xdotool", *words], env=self.environment, capture_output=True, text=True).stdout.strip()

    def focus(self):
        def found():
            told = subprocess.run(["xwininfo", "-root", "-children"], env=self.environment, capture_output=True, text=True).stdout
            sizes = re.findall(r"^ +(0x[0-9a-f]+) .*?(\d+)x(\d+)\+", told, re.M)
            large = [(int(width) * int(height), window) for window, width, height in sizes if int(width) > 300]
            return max(large, default=None)

        self.xdo("windowfocus", self.until("a window", found)[1])

    def keys(self, *names):
        self.xdo("key", "--clearmodifiers", *names)
        self.settle()

    def words(self, text):
        self.xdo("type", "--clearmodifiers", "--delay", "40", "--", text)
        self.settle()

    def grab(self):
        from PIL import Image, ImageChops
        path = os.path.join(self.folder, "grab.png")
        # A pointer that moves makes kitty draw what is still to be drawn.
        self.xdo("mousemove", "1190", "790")
        self.xdo("mousemove", "1195", "795")
        subprocess.run(["import", "-window", "root", path], env=self.environment, check=True, stderr=subprocess.DEVNULL)
        with Image.open(path) as picture:
            picture = picture.convert("RGB")
        # What is not the terminal is black or the background of the display.
        ground = Image.new("RGB", picture.size, picture.getpixel((picture.width - 1, 0)))
        box = ImageChops.difference(picture, ground).getbbox() or (0, 0, 10, 10)
        return picture.crop((0, 0, box[2], box[3]))

    def close(self, is_last=True):
        """By the keyboard, so that what the recording runs ends too."""
        if is_last:
            leave(self.log, lambda: self.xdo("key", "--clearmodifiers", "ctrl+c"))
        for process in reversed(self.started):
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def edited(shown):
    """The first loop, as far as the picture that came of it."""
    shown.wait("chelsea")
    if isinstance(shown, Shown):
        shown.focus()
    shown.keys("Tab")
    shown.keys("Return")
    shown.wait("n2 done in")
    # Its picture is still to be made, and to come.
    if isinstance(shown, Shown):
        shown.settle(PICTURE)
    else:
        shown.patient = PICTURE
        shown.settle()
    return shown.grab()


def alone(tools, folder, name, root, **more):
    shown = Shown(tools, folder, name, tools.EDITREE, root, **more)
    try:
        return edited(shown)
    finally:
        shown.close()


def over_ssh(tools, folder, name, root):
    """From a machine that is this one: a server of our own on loopback, with keys for this time alone."""
    host, key, config, remote = (os.path.join(folder, it) for it in ("host", "key", "sshd_config", "remote"))
    for path in (host, key):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    user = pwd.getpwuid(os.getuid()).pw_name
    if os.getuid() == 0:
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
    with open(config, "w", encoding="ascii") as file:
        file.write(f"Port {port}\nListenAddress 127.0.0.1\nHostKey {host}\nAuthorizedKeysFile {key}.pub\nPidFile none\n"
                   "StrictModes no\nPermitRootLogin yes\nUsePAM no\nPrintMotd no\n")
    # Only what ssh itself carries is known there; the folders are.
    told = tools.environment(folder)
    with open(remote, "w", encoding="ascii") as file:
        exports = (f"export {name}={shlex.quote(told[name])}\n" for name in ("PATH", "LANG", "XDG_DATA_HOME", "XDG_CONFIG_HOME"))
        file.write("".join(exports) + f"exec {shlex.quote(tools.EDITREE)}\n")
    server = subprocess.Popen([shutil.which("sshd", path="/usr/sbin:/usr/bin"), "-D", "-e", "-f", config],
                              stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    argv = ["ssh", "-F", "/dev/null", "-tt", "-q", "-p", str(port), "-i", key, "-o", "StrictHostKeyChecking=no",
            "-o", "UserKnownHostsFile=/dev/null", "-o", "ConnectionAttempts=20", f"{user}@127.0.0.1", f"sh {shlex.quote(remote)}"]
    shown = Shown(tools, folder, name, shlex.join(argv), root)
    try:
        return edited(shown)
    finally:
        shown.close()
        server.terminate()
        server.wait()


def reattached(tools, folder, root):
    """One session of tmux, looked at from kitty, then from foot, then from kitty again."""
    config, socket, log = (os.path.join(folder, name) for name in ("tmux.conf", "tmux", "typescript"))
    with open(config, "w", encoding="ascii") as file:
        file.write(TMUX)
    base = rooted(["tmux", "-u", "-S", socket, "-f", config], root) if not root else ["tmux", "-u", "-S", socket, "-f", config]
    begin = [*base, "new-session", "script", "-qfc", tools.EDITREE, log]
    pictures = []
    for at, terminal in enumerate(("kitty", "foot", "kitty")):
        place = os.path.join(folder, str(at))
        os.makedirs(place)
        shown = Shown(tools, place, terminal, begin if at == 0 else [*base, "attach"], root, log=log)
        shown.environment["XDG_DATA_HOME"] = folder + "/data"
        try:
            shown.focus()
            if at == 0:
                edited(shown)
            shown.settle(2 * PICTURE)
            pictures.append(shown.grab())
            subprocess.run([*base, "detach-client"], env=shown.environment, capture_output=True)
        finally:
            shown.close(is_last=at == 2)
    return pictures


def screen_in_tmux(tools, folder, root):
    config, socket, log = (os.path.join(folder, name) for name in ("tmux.conf", "tmux", "typescript"))
    with open(config, "w", encoding="ascii") as file:
        file.write(TMUX)
    with open(os.path.join(folder, "screenrc"), "w", encoding="ascii") as file:
        file.write("startup_message off\nvbell off\n")
    base = ["tmux", "-u", "-S", socket, "-f", config]
    inner = ["screen", "-U", "-c", os.path.join(folder, "screenrc"), "script", "-qfc", tools.EDITREE, log]
    shown = Shown(tools, folder, "kitty", [*base, "new-session", *inner], root, log=log, SCREENDIR=folder + "/screens")
    try:
        return edited(shown)
    finally:
        shown.close()


def eat(tools, folder, root):
    """Emacs in a terminal, and its terminal in it; Emacs is of the same root as its package."""
    log = os.path.join(folder, "typescript")
    inner = home(["script", "-qfc", tools.EDITREE, log], root)
    quoted = " ".join(inner)
    lisp = f'(progn (menu-bar-mode -1) (setq-default mode-line-format nil) (eat "{quoted}"))'
    paths = [word for place in elpa(root) for word in ("-L", place)]
    emacs = rooted(["emacs", "-nw", "-Q", *paths, "--eval", "(require 'eat)", "--eval", lisp], root)
    shown = Shown(tools, folder, "xterm", emacs, "", log=log)
    try:
        return edited(shown)
    finally:
        shown.close()


def elpa(root):
    place = (root or "") + "/usr/share/emacs/site-lisp/elpa-src"
    found = os.listdir(place) if os.path.isdir(place) else []
    return [f"/usr/share/emacs/site-lisp/elpa-src/{name}" for name in found if name.startswith(("eat-", "compat-"))]


HTERM = """<!doctype html><meta charset=utf-8><style>html,body{margin:0;background:#000;overflow:hidden}
#t{position:absolute;left:0;top:0;width:%(width)dpx;height:%(height)dpx}</style><div id=t></div>
<script>window.exports = {};</script><script>%(hterm)s</script><script>
const {hterm, lib} = window.exports;
hterm.defaultStorage = new lib.Storage.Memory();
let t;
window.onerror = (...all) => { window.fell = all.join(' '); };
// What comes in two parts may be cut within a letter.
const decoder = new TextDecoder();
const text = bytes => decoder.decode(Uint8Array.from(atob(bytes), c => c.charCodeAt(0)), {stream: true});
const feed = async bytes => t.io.print(text(bytes));
const told = text => said(btoa(String.fromCharCode(...new TextEncoder().encode(text))));
const begin = () => {
  t = new hterm.Terminal();
  for (const [name, value] of [['font-size', 13], ['font-family', 'DejaVu Sans Mono'], ['scrollbar-visible', false],
                               ['enable-bold', true], ['cursor-blink', false], ['alt-sends-what', 'escape']])
    t.getPrefs().set(name, value);
  t.decorate(document.getElementById('t'));
  t.onTerminalReady = () => {
    t.io.push(); t.io.onVTKeystroke = told; t.io.sendString = told; t.installKeyboard();
    t.setWidth && t.setWidth(%(columns)d); t.setHeight && t.setHeight(%(rows)d);
    t.focus(); window.ready = true;
  };
};
lib.init ? lib.init(begin) : begin();
const shape = () => ({x: 0, y: 0, width: window.ready ? %(width)d : 0, height: %(height)d, scale: 1});
</script>"""


def pages(tools):
    """Terminals in a browser: of the page's class of the other pictures, with other pages."""

    class Hterm(tools.Page):
        def __init__(self, folder, size):
            tools.Seen.__init__(self)
            self.size, self.raw, self.calls, self.waiting, self.lock = size, b"", 0, {}, tools.threading.Lock()
            subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder + "/node",
                            "hterm-umdjs@1.4.1"], check=True)
            with open(folder + "/node/node_modules/hterm-umdjs/dist/index.js", encoding="utf-8") as file:
                code = file.read().replace("</script", "<\\/script")
            page = folder + "/page.html"
            with open(page, "w", encoding="utf-8") as file:
                file.write(HTERM % {"hterm": code, "columns": size[0], "rows": size[1],
                                    "width": WIDE, "height": HIGH})
            self.open(folder, "file://" + page)
            end = time.time() + tools.PATIENCE
            while not self.run("window.ready === true"):
                if time.time() > end:
                    raise SystemExit("hterm does not come: " + str(self.run("window.fell || 'no word'")))
                time.sleep(0.2)
            shape = json.loads(self.run("JSON.stringify([t.screenSize.width, t.screenSize.height])"))
            self.size = tuple(shape)
            self.start(folder, self.size)
            self.wait("$ ")

        def open(self, folder, address):
            self.browse(folder)
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            self.window = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            self.call("Emulation.setDeviceMetricsOverride", width=WIDE, height=HIGH, deviceScaleFactor=1, mobile=False)
            self.call("Runtime.enable")
            self.call("Runtime.addBinding", name="said")
            self.call("Page.navigate", url=address)

    class Ttyd(Hterm):
        def __init__(self, folder, root, options):
            tools.Seen.__init__(self)
            self.raw, self.calls, self.waiting, self.lock = b"", 0, {}, tools.threading.Lock()
            self.log = folder + "/typescript"
            child = home(["script", "-qfc", tools.EDITREE, self.log], root)
            # A page that came back would begin anew.
            argv = ["ttyd", "-i", "lo", "-p", "0", "-W", "-o", "-t", "disableReconnect=true", "-t", "fontSize=13", "-t", f"fontFamily={FONT}",
                    "-t", "disableLeaveAlert=true", "-t", "disableResizeOverlay=true", "-t", "rendererType=canvas", *options, *child]
            self.server = subprocess.Popen(rooted(argv, root), env=tools.environment(folder), stderr=subprocess.PIPE, text=True)
            port = next(found.group(1) for line in self.server.stderr if (found := re.search(r"port: (\d+)", line)))
            self.open(folder, f"http://127.0.0.1:{port}/")
            end = time.time() + tools.PATIENCE
            # Not looked at before the page is there.
            while "chelsea" not in tools.plain(self.read()):
                if time.time() > end:
                    raise SystemExit("ttyd does not come")
                time.sleep(0.2)

        def read(self):
            return recorded(self.log)

        def grab(self):
            import base64
            import io
            from PIL import Image
            clip = {"x": 0, "y": 0, "width": WIDE, "height": HIGH, "scale": 1}
            shot = self.call("Page.captureScreenshot", format="png", clip=clip)
            return Image.open(io.BytesIO(base64.b64decode(shot["data"]))).convert("RGB")

        def close(self):
            leave(self.log, lambda: self.keys("ctrl+c"))
            self.window = None
            self.call("Browser.close")
            self.browser.wait(10)
            self.server.terminate()
            self.server.wait(5)

    return Hterm, Ttyd


def hterm(tools, folder):
    session = pages(tools)[0](folder, SIZE)
    session.words("editree")
    session.keys("Return")
    picture = edited(session)
    session.close()
    return picture


def ttyd(tools, folder, root, options):
    session = pages(tools)[1](folder, root, options)
    picture = edited(session)
    session.close()
    return picture


def tiles(root):
    """Names, what each needs, and how its pictures are made."""
    for name in ("kitty", "foot", "konsole", "xterm", "mlterm"):
        yield [name], [name], lambda tools, folder, name=name: [alone(tools, folder, name, place_of(name, root))]
    yield (["kitty, tmux", "… the same in foot", "… and in kitty again"], ["kitty", "foot"],
           lambda tools, folder: reattached(tools, folder, root))
    yield ["screen in tmux in kitty"], ["kitty"], lambda tools, folder: [screen_in_tmux(tools, folder, root)]
    yield ["st over ssh"], ["st", "ssh", "sshd"], lambda tools, folder: [over_ssh(tools, folder, "st", "")]
    yield ["Emacs eat in xterm"], ["emacs"], lambda tools, folder: [eat(tools, folder, root)]
    yield ["hterm in Chromium"], [], lambda tools, folder: [hterm(tools, folder)]
    yield ["ttyd"], ["ttyd"], lambda tools, folder: [ttyd(tools, folder, root, [])]
    yield ["ttyd with sixel"], ["ttyd"], lambda tools, folder: [ttyd(tools, folder, root, ["-t", "enableSixel=true"])]


def take(tools, folder):
    root, wanted = os.environ.get("ROOT", ""), os.environ.get("TILE", "")
    # sway's own user must come through.
    os.chmod(folder, 0o711)
    taken = []
    for at, (names, needs, make) in enumerate(tiles(root)):
        if wanted and not names[0].startswith(wanted):
            continue
        lacking = [program for program in needs if not has(program, root) and not shutil.which(program)]
        if lacking or (names[0].startswith("Emacs") and not elpa(root)):
            print(f"{names[0]}: LEFT OUT, {' and '.join(lacking) or 'eat'} is not here")
            continue
        place = os.path.join(folder, str(at))
        os.makedirs(place)
        for name, picture in zip(names, make(tools, place)):
            words = name
            if needs and name.startswith(needs[0]):
                words = f"{needs[0]} {version(needs[0], root)}" + name.removeprefix(needs[0])
            print(words, *picture.size)
            taken.append((words, picture))
            if "MOMENTS" in os.environ:
                os.makedirs(os.environ["MOMENTS"], exist_ok=True)
                picture.save(os.path.join(os.environ["MOMENTS"], f"{len(taken):02} {name.replace('/', ' ')}.png"))
    if not wanted:
        sheet(tools, taken)


def sheet(tools, taken):
    from PIL import Image, ImageDraw, ImageFont
    columns, gap, below, width = 3, 10, 24, 600
    font = ImageFont.truetype("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", 15)
    taken = [(words, picture.resize((width, picture.height * width // picture.width), Image.LANCZOS)) for words, picture in taken]
    height = max(picture.height for _, picture in taken)
    rows = -(-len(taken) // columns)
    whole = Image.new("RGB", (columns * (width + gap) + gap, rows * (height + below + gap) + gap), (70, 70, 80))
    draw = ImageDraw.Draw(whole)
    for at, (words, picture) in enumerate(taken):
        x, y = gap + at % columns * (width + gap), gap + at // columns * (height + below + gap)
        whole.paste(picture, (x, y))
        draw.text((x + 2, y + height + 3), words, font=font, fill=(255, 255, 255))
    path = os.path.join(tools.OUT, "terminals.png")
    for colours in (256, 128, 64, 32):
        whole.quantize(colours, dither=0).save(path, optimize=True)
        if os.path.getsize(path) <= MOST:
            break
    print(f"terminals.png {whole.size[0]}×{whole.size[1]}, {colours} colours, {os.path.getsize(path) // 1024} kB")
