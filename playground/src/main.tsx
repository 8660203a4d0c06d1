import { render } from "preact";
import { preferTheme } from "./theme.ts";
import { besideNode } from "./node.ts";
import { keepUnchecked, start } from "./state.ts";
import { App } from "./view/app.tsx";
// What is seen on a phone comes last: it has the last word.
import "./style/base.css";
import "./style/page.css";
import "./style/menus.css";
import "./style/editor.css";
import "./style/problems.css";
import "./style/results.css";
import "./style/plan.css";
import "./style/network.css";
import "./style/monotonicity.css";
import "./style/explanations.css";
import "./style/phone.css";

const root = document.getElementById("app");
preferTheme();
if (root !== null) render(<App />, root);
void start();
addEventListener("pagehide", keepUnchecked);
// Once the page stands, what it is made of is kept for times without a network; not beside a node,
// whose page goes with it.
if (!besideNode && import.meta.env.PROD && "serviceWorker" in navigator)
  addEventListener("load", () => {
    // Each build has one of its own, so that what the build consists of is kept anew.
    const build = new URL(import.meta.url).pathname.replace(/^.*\//, "");
    navigator.serviceWorker.register(`./offline.js?${build}`).catch(() => undefined);
  });
