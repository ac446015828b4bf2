import { html } from 'hono/html'

export type TryThese = readonly { phone: string; title: string; hint: string }[]

/** The simulator's page: words and places; its script fills them. */
export function page({
  serviceCode,
  shortCode,
  tryThese,
}: {
  serviceCode: string
  shortCode: string
  tryThese: TryThese
}): string {
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Wito phone simulator</title>
<link rel="stylesheet" href="/simulator/simulator.css">
<script src="/simulator/simulator.js" type="module"></script>
</head>
<body data-service-code="${serviceCode}" data-short-code="${shortCode}">
<header>
<h1>Wito phone simulator</h1>
<p>Each phone below speaks to this service as a real one does, through a local stand-in for the gateway. Nothing leaves this machine.</p>
<noscript><p class="warn">The simulator needs script. The service itself does not.</p></noscript>
</header>
<section class="people" aria-labelledby="people">
<h2 id="people">Try these</h2>
<ul>
${tryThese.map(
  ({ phone, title, hint }) =>
    html`<li><button type="button" class="person" data-phone="${phone}"><b>${phone}</b> ${title}<small>${hint}</small></button></li>\n`,
)}</ul>
<form id="add"><label for="number">Any other number</label> <input id="number" name="number" inputmode="tel" placeholder="0712345678" autocomplete="off" required> <button>Add a phone</button></form>
</section>
<main id="phones" aria-label="Phones"></main>
<aside aria-labelledby="wire-title">
<details open>
<summary id="wire-title">On the wire</summary>
<p>What the gateway and the service said to each other, newest first. Secrets are left out.</p>
<ol id="wire" aria-live="off"></ol>
</details>
</aside>
<template id="phone">
<article class="handset">
<div class="earpiece" aria-hidden="true"></div>
<div class="glass">
<div class="bar"><span class="number"></span><span class="timer" aria-hidden="true"></span></div>
<div class="screen" role="log" aria-live="polite" tabindex="0"></div>
<form class="typing"><label class="hidden">Reply</label><input autocomplete="off" maxlength="160"><button class="send">Send</button></form>
</div>
<p class="count"><span class="septets">0 / 160 septets</span> <span class="where"></span></p>
<div class="keys" role="group" aria-label="Keypad"></div>
<details class="sms" open>
<summary>SMS <span class="unread"></span></summary>
<form class="write"><label>To ${shortCode}<input maxlength="160" autocomplete="off" placeholder="JOBS"></label><button>Send SMS</button></form>
<ol class="inbox" aria-live="polite"></ol>
</details>
<p class="foot"><label>Network <select class="network"><option value="safaricom">Safaricom</option><option value="airtel">Airtel</option><option value="telkom">Telkom</option></select></label> <button type="button" class="remove">Put away</button></p>
</article>
</template>
</body>
</html>
`)
}
