// Live changes, copy buttons, times and sizes of files. Pages work without it; they are then not live.
(() => {
  "use strict";
  const body = document.body;

  // One tab of a browser listens and tells the others: browsers open few connections to one host.
  const listen = () => {
    let seen = Number(body.dataset.change);
    let latest = 0;
    const channel = new BroadcastChannel("changes");
    const tell = (number) => {
      if (number <= seen) return;
      seen = number;
      body.dispatchEvent(new CustomEvent("changed"));
    };
    const lead = () => {
      const source = new EventSource(`/changes?after=${seen}`);
      let timer = 0;
      source.onopen = () => {
        clearTimeout(timer);
        body.classList.remove("offline");
      };
      source.onmessage = (event) => {
        latest = Number(event.lastEventId);
        channel.postMessage(latest);
        tell(latest);
      };
      source.onerror = () => {
        // A stream that only ends is opened again at once; that is no reason to worry anybody.
        clearTimeout(timer);
        timer = setTimeout(() => body.classList.add("offline"), 5000);
        if (source.readyState === EventSource.CLOSED) {
          body.classList.add("offline");
          clearTimeout(timer);
          setTimeout(lead, 10000);
        }
      };
    };
    channel.onmessage = ({ data }) => {
      if (data !== "?") tell(data);
      else if (latest) channel.postMessage(latest);
    };
    channel.postMessage("?");
    // Without a secure origin there are no locks, and each tab listens for itself.
    if (navigator.locks) {
      navigator.locks.request("changes", () => {
        lead();
        return new Promise(() => {});
      });
    } else lead();
    addEventListener("pageshow", (event) => {
      if (event.persisted) body.dispatchEvent(new CustomEvent("changed"));
    });
  };

  const copy = async (button) => {
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent);
    } catch {
      const range = document.createRange();
      range.selectNodeContents(source);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      document.execCommand("copy");
    }
    const label = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 1500);
  };

  const ago = (at) => {
    const seconds = Math.max(0, (Date.now() - at) / 1000);
    if (seconds < 60) return "just now";
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
    if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
    return `${Math.floor(seconds / 86400)} d ago`;
  };
  const tellTimes = () => {
    for (const time of document.querySelectorAll("time[datetime]")) {
      const at = new Date(time.dateTime);
      time.textContent = ago(at);
      if (time.dataset.local) continue;
      time.dataset.local = "told";
      time.title += ` · ${at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "long" })}`;
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
  });
  // A server that refuses a body closes the connection, and few browsers then show its reason.
  document.addEventListener("change", ({ target }) => {
    const max = Number(target.dataset.max);
    if (!max || !target.files) return;
    const isLarge = [...target.files].some((file) => file.size > max);
    const limit = `${Math.floor(max / 1048576)} MiB`;
    target.setCustomValidity(isLarge ? `Choose a smaller file: it has at most ${limit}.` : "");
    target.reportValidity();
  });
  document.addEventListener("htmx:afterSwap", tellTimes);
  setInterval(tellTimes, 30000);
  tellTimes();
  if (body.dataset.change) listen();
})();
