// Plays a film while most of it can be seen, unless the reader asked for less motion or paused it.
if (!matchMedia("(prefers-reduced-motion: reduce)").matches && "IntersectionObserver" in window) {
  const watcher = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting && !target.dataset.stopped) target.play().catch(() => {});
      else if (!isIntersecting && !target.paused) {
        target.dataset.leaving = "1";
        target.pause();
      }
    }
  }, { threshold: 0.5 });
  for (const video of document.querySelectorAll(".film video")) {
    video.addEventListener("pause", () => {
      if (!video.dataset.leaving) video.dataset.stopped = "1";
      delete video.dataset.leaving;
    });
    video.addEventListener("play", () => delete video.dataset.stopped);
    watcher.observe(video);
  }
}
