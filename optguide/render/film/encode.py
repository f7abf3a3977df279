"""Frames to a file of moving pictures, by ffmpeg."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from collections.abc import Iterable

#: ffmpeg's options for each suffix. Two threads always, because the bytes depend on their number.
CODECS = {
    ".mp4": "-c:v libx264 -preset veryfast -tune animation -crf 32 -pix_fmt yuv420p -movflags +faststart -threads 2",
    ".webm": "-c:v libvpx-vp9 -crf 38 -b:v 0 -deadline realtime -cpu-used 5 -pix_fmt yuv420p -threads 2",
    ".gif": "-vf split[a][b];[a]palettegen=max_colors=96:stats_mode=diff[p];[b][p]paletteuse=dither=none -loop 0",
    ".webp": "-c:v libwebp_anim -quality 60 -loop 0",
}
_QUIET = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact")


def encode(frames: Iterable[bytes], target: str, suffix: str, size: tuple[int, int], fps: int) -> None:
    """Write frames of RGBA bytes to a file in the format of a suffix.

    Raises
    ------
    RuntimeError
        If ffmpeg fails.
    """
    import imageio_ffmpeg  # with its own ffmpeg: nothing else needs it

    source = ["-f", "rawvideo", "-pix_fmt", "rgba", "-s", f"{size[0]}x{size[1]}", "-r", str(fps), "-i", "-"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", *source]
    command += [*CODECS[suffix].split(), *_QUIET, target]
    with tempfile.TemporaryFile() as errors:
        encoder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors)
        assert encoder.stdin  # a pipe, as asked for
        try:
            for frame in frames:
                encoder.stdin.write(frame)
            encoder.stdin.close()
        except BrokenPipeError:
            pass  # ffmpeg gave up; it says why below
        except BaseException:
            encoder.kill()
            raise
        finally:
            with contextlib.suppress(BrokenPipeError):
                encoder.stdin.close()
            code = encoder.wait()
        if code:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip().splitlines()[-5:]
            raise RuntimeError(f"ffmpeg failed with status {code}: {' / '.join(said) or 'it said nothing'}")
