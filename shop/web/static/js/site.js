// Small comforts on top of pages that work without them.
import { startSteppers } from "./stepper.js";
import { startCountdowns } from "./countdown.js";
import { startProgress } from "./progress.js";
import { startConfirm } from "./confirm.js";
import { startForms } from "./forms.js";
import { startMenus } from "./menus.js";
import { startKeypads } from "./keypad.js";
import { startBasket } from "./basket.js";

startSteppers(document);
startCountdowns(document);
startProgress(document);
startConfirm(document);
startBasket(document);
startForms(document);
startMenus(document);
startKeypads(document);
