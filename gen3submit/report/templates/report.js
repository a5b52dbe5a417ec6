"use strict";
(() => {
  const PAGE = 100;
  const data = JSON.parse(document.getElementById("report-data").textContent);
  const files = data.report.files.map((file) => file.path);
  const byId = (id) => document.getElementById(id);
  const body = byId("row-table").tBodies[0];
  const labels = Array.from(byId("row-table").tHead.rows[0].cells, (cell) => cell.textContent);
  const runs = data.kind !== "check";

  // What the eye cannot see is written as an escape, as everywhere in the report.
  const hidden = /[\u0000-\u001f\u007f-\u00a0\u00ad\u0600-\u0605\u061c\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ud800-\udfff\ufeff\ufff9-\uffff]/g;
  const visible = (text) => String(text).replace(/[\ud800-\udbff][\udc00-\udfff]|[^]/g, (c) => (c.length === 2 ? c : c.replace(hidden, (h) => {
    const named = { "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0" }[h];
    const hex = h.charCodeAt(0).toString(16);
    return named || (hex.length < 3 ? "\\x" + hex.padStart(2, "0") : "\\u" + hex.padStart(4, "0"));
  })));
  const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name].toLocaleString("en"));
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  // A sentence with what stands in backticks as code.
  const say = (parent, text) => {
    String(text).split(/`([^`]*)`/).forEach((part, number) => {
      if (part) parent.append(number % 2 ? make("code", "", visible(part)) : visible(part));
    });
  };

  const rows = data.rows.map(([file, row, line, type, submitterId, state, verdict, findings, id, request, server, outcome]) => {
    const found = findings.map((number) => data.findings[number]);
    return { file, row, line, type, submitterId, state, verdict, found, id, request, server, outcome: outcome ?? data.states[state][0] };
  });
  const haystack = (row) => {
    if (row.text === undefined) {
      const parts = [files[row.file] + ":" + row.line, row.type, row.submitterId, row.id, row.request, row.server];
      for (const finding of row.found) parts.push(finding.code, finding.column, finding.value, finding.message);
      row.text = parts.filter((part) => part).join("\n").toLowerCase();
    }
    return row.text;
  };

  const cell = (tr, className, number, text) => {
    const td = make("td", className, text);
    td.dataset.label = labels[number];
    tr.append(td);
    return td;
  };
  const draw = (row) => {
    const [, label, tone] = data.states[row.state];
    const tr = make("tr");
    cell(tr, "path", 0, visible(files[row.file]) + ":" + row.line);
    cell(tr, "", 1, visible(row.type ?? ""));
    cell(tr, "id", 2, visible(row.submitterId ?? ""));
    cell(tr, "", 3).append(make("span", "chip tone " + tone, label));
    const found = cell(tr, "found", 4);
    for (const finding of row.found) {
      const p = make("p");
      p.append(make("span", "code " + finding.severity, finding.code), " ");
      say(p, finding.message);
      found.append(p);
    }
    if (row.server) {
      const p = make("p");
      p.append(make("span", "code error", "server"), " " + visible(row.server));
      found.append(p);
    }
    if (runs) {
      cell(tr, "id", 5, visible(row.id ?? ""));
      cell(tr, "id", 6, visible(row.request ?? ""));
    }
    return tr;
  };

  const filter = {
    text: byId("filter-text"), state: byId("filter-state"), file: byId("filter-file"), type: byId("filter-type"),
    code: byId("filter-code"), found: byId("filter-found"),
  };
  const choices = (select, values) => {
    for (const [value, label] of values) {
      const option = make("option", "", visible(label));
      option.value = value;
      select.append(option);
    }
  };
  const distinct = (values) => Array.from(new Set(values)).sort();
  const present = new Set(rows.map((row) => row.state));
  choices(filter.state, data.states.map((state, number) => [number, state[1]]).filter(([number]) => present.has(number)));
  choices(filter.file, files.map((path, number) => [number, path]));
  choices(filter.type, distinct(rows.map((row) => row.type ?? "")).filter((type) => type).map((type) => [type, type]));
  choices(filter.code, distinct(data.findings.map((finding) => finding.code)).map((code) => [code, code]));

  let matching = rows;
  let page = 0;
  const show = () => {
    const pages = Math.max(1, Math.ceil(matching.length / PAGE));
    page = Math.min(page, pages - 1);
    const from = page * PAGE;
    const part = matching.slice(from, from + PAGE);
    body.replaceChildren(...part.map(draw));
    byId("shown").textContent = matching.length
      ? fill(data.words.shown, { from: from + 1, to: from + part.length, matching: matching.length, total: rows.length })
      : data.words.none;
    byId("pager").hidden = pages === 1;
    byId("page").textContent = fill(data.words.page, { page: page + 1, pages });
    byId("page-back").disabled = page === 0;
    byId("page-on").disabled = page === pages - 1;
  };
  const search = () => {
    const text = filter.text.value.trim().toLowerCase();
    matching = rows.filter((row) =>
      (filter.state.value === "" || row.state === Number(filter.state.value)) &&
      (filter.file.value === "" || row.file === Number(filter.file.value)) &&
      (filter.type.value === "" || row.type === filter.type.value) &&
      (filter.code.value === "" || row.found.some((finding) => finding.code === filter.code.value)) &&
      (!filter.found.checked || row.found.length > 0) &&
      (text === "" || haystack(row).includes(text)));
    page = 0;
    show();
  };
  let waiting;
  filter.text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, rows.length > 20000 ? 250 : 60);
  });
  for (const name of ["state", "file", "type", "code", "found"]) filter[name].addEventListener("change", search);
  const form = byId("filters");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(search));
  const turn = (by) => {
    page += by;
    show();
    byId("rows").scrollIntoView();
  };
  byId("page-back").addEventListener("click", () => turn(-1));
  byId("page-on").addEventListener("click", () => turn(1));
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      filter.text.focus();
    }
  });

  const save = (text, type, ending) => {
    const link = make("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = data.words.file + ending;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  const inOrder = () => rows.slice().sort((a, b) => a.file - b.file || a.row - b.row);
  const asJson = () => {
    const found = inOrder().map((row) => {
      const plain = {
        path: files[row.file], row: row.row, line: row.line, type: row.type, submitter_id: row.submitterId,
        verdict: row.verdict, findings: row.found,
      };
      return runs
        ? { ...plain, outcome: row.outcome, id: row.id, request: row.request, server_message: row.server }
        : plain;
    });
    return JSON.stringify({ ...data.report, rows: found }, null, 1);
  };
  // A spreadsheet would run a cell that begins like a formula; an apostrophe makes it text.
  const harmless = (value) => {
    const text = String(value ?? "");
    const formula = /^ *[=+\-@\t\r\n＝＋－＠]/.test(text) && !/^ *[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)? *$/.test(text);
    return '"' + ((formula ? "'" : "") + visible(text)).replace(/"/g, '""') + '"';
  };
  const asCsv = () => {
    const head = ["file", "line", "type", "submitter_id", "outcome", "code", "severity", "column", "value", "message", "help"];
    if (runs) head.push("id", "request", "server_message");
    const lines = [head.join(",")];
    for (const row of inOrder()) {
      const first = [files[row.file], row.line, row.type, row.submitterId, row.outcome];
      const last = runs ? [row.id, row.request, row.server] : [];
      for (const finding of row.found.length ? row.found : [{}]) {
        const middle = [finding.code, finding.severity, finding.column, finding.value, finding.message, finding.help];
        lines.push([...first, ...middle, ...last].map(harmless).join(","));
      }
    }
    return lines.join("\r\n") + "\r\n";
  };
  byId("save-json").addEventListener("click", () => save(asJson(), "application/json", ".json"));
  byId("save-csv").addEventListener("click", () => save(asCsv(), "text/csv;charset=utf-8", ".csv"));

  form.hidden = false;
  byId("save").hidden = false;
  search();
})();
