"""What this says: three to five plain sentences, each from a number on this page."""

from __future__ import annotations

from markupsafe import Markup

from kizuna.charts.concentration import curve, share_at
from kizuna.report.blocks import Note, Section
from kizuna.report.material import Material
from kizuna.report.names import BASELINES, model_name
from kizuna.report.sections.notes import biggest

LARGE_BIAS = 0.10
NEARLY_ALL = 0.99


def section(m: Material) -> Section:
    """Sentences in the order in which a director would ask."""
    found = (_concentration(m), _active(m), _unseen(m), _ranking(m), _warning(m), _no_model(m))
    return Section(
        "findings", m.say("What this says"), blocks=tuple(note for note in found if note)
    )


def top_share(m: Material, kind: str, share: float = 0.1) -> float | None:
    """Share of value that the best `share` of customers carry."""
    table = m.tables.get("concentration")
    points = [] if table is None else curve(table, kind)
    return share_at(points, share) if points else None


def _concentration(m: Material) -> Note | None:
    past, future = top_share(m, "historical"), top_share(m, "residual")
    if past is None and future is None:
        return None
    if future is None:
        message = "The top {top} of customers carried {past} of the value so far."
    elif past is None:
        message = "The top {top} of customers carry {future} of the value to come."
    else:
        message = (
            "The top {top} of customers carry {future} of the value to come; "
            "so far they carried {past}."
        )
    write = m.say.percent
    return Note("info", m.say.rich(message, top=write(0.1), past=write(past), future=write(future)))


def _active(m: Material) -> Note | None:
    alive = mean_p_alive(m)
    if alive is None:
        return None
    said = m.say.rich(
        "About {active} of {customers} customers ({share}) are still active by this estimate.",
        active=m.say.number(alive * (m.get("customers") or 0)),
        customers=m.say.number(m.get("customers") or 0),
        share=m.say.small_percent(alive),
    )
    if alive > NEARLY_ALL:
        doubt = m.say(
            "The model sees nobody leave in this log, so this says little: silence may still be "
            "leaving. A longer log would tell."
        )
        return Note("caution", m.say.sentences(said, doubt))
    if m.model != "bg_nbd":
        return Note("info", said)
    once = m.say("One-time buyers all count as active in BG/NBD, which makes this too high.")
    return Note("info", m.say.sentences(said, once))


def mean_p_alive(m: Material) -> float | None:
    """Mean probability of being active, over all segments."""
    rows = [row for row in m.rows("segments") if row["mean_p_alive"] is not None]
    people = sum(row["customers"] for row in rows)
    return sum(row["customers"] * row["mean_p_alive"] for row in rows) / people if people else None


def _unseen(m: Material) -> Note | None:
    actual, predicted = (
        m.get("holdout", "actual_purchases"),
        m.get("holdout", "predicted_purchases"),
    )
    if m.model is None:
        return None
    if actual is None or predicted is None or not actual:
        return Note(
            "unknown", m.say("The model has not been tested on history that it had not seen.")
        )
    gap, money = predicted / actual - 1, spend_gap(m)
    worst = max(abs(gap), abs(money or 0.0))
    said = m.say.sentences(_gap_text(m, gap, predicted, actual), _spend_text(m, money))
    return Note("good" if worst < LARGE_BIAS else "caution", said)


def spend_gap(m: Material) -> float | None:
    """Predicted ÷ actual spend of the holdout, less 1; None where it is not known."""
    predicted, actual = m.get("holdout", "predicted_spend"), m.get("holdout", "actual_spend")
    return predicted / actual - 1 if predicted is not None and actual else None


def _spend_text(m: Material, gap: float | None) -> str:
    if gap is None:
        return ""
    values = {
        "predicted": m.say.money(m.get("holdout", "predicted_spend")),
        "actual": m.say.money(m.get("holdout", "actual_spend")),
        "gap": m.say.percent(abs(gap), 1),
    }
    if gap < 0:
        return m.say.rich("In money: {predicted} against {actual}, {gap} too little.", **values)
    return m.say.rich("In money: {predicted} against {actual}, {gap} too much.", **values)


def _gap_text(m: Material, gap: float, predicted: float, actual: float) -> str:
    if abs(gap) < 0.005:
        message = (
            "Tested on unseen history ({start} to {end}), the model predicted {predicted} "
            "purchases and {actual} happened."
        )
    elif gap < 0:
        message = (
            "Tested on unseen history ({start} to {end}), the model predicted {predicted} "
            "purchases and {actual} happened: {gap} too few."
        )
    else:
        message = (
            "Tested on unseen history ({start} to {end}), the model predicted {predicted} "
            "purchases and {actual} happened: {gap} too many."
        )
    said = m.say.rich(
        message,
        start=m.day("holdout", "start"),
        end=m.day("holdout", "end"),
        predicted=m.say.number(predicted),
        actual=m.say.number(actual),
        gap=m.say.percent(abs(gap), 1),
    )
    return m.say.sentences(said, _inside(m, actual))


def _inside(m: Material, actual: float) -> str:
    low, high = m.get("holdout", "predicted_low"), m.get("holdout", "predicted_high")
    if low is None or high is None:
        return ""
    if low <= actual <= high:
        message = "That is inside its 90% interval ({low} to {high})."
    else:
        message = (
            "That is outside its 90% interval ({low} to {high}): the model was too sure of itself."
        )
    return m.say(message, low=m.say.number(low), high=m.say.number(high))


def best_baseline(m: Material) -> tuple[str, float] | None:
    """Baseline that ranks customers best, with its Gini."""
    found = [
        (row["name"], row["gini"])
        for row in m.get("candidates") or ()
        if row["name"] in BASELINES and row.get("gini") is not None
    ]
    return max(found, key=lambda pair: pair[1], default=None)


def chosen_gini(m: Material) -> float | None:
    """Gini of the chosen model in the back-test."""
    return next(
        (row.get("gini") for row in m.get("candidates") or () if row["name"] == m.model), None
    )


def _ranking(m: Material) -> Note | None:
    rival, own = best_baseline(m), chosen_gini(m)
    if rival is None or own is None:
        return None
    values = {
        "own": m.say.number(own, 3),
        "rival": m.say.number(rival[1], 3),
        "rule": model_name(m.say, rival[0]),
    }
    if rival[1] > own:
        message = (
            "A simple rule ranks customers better than the model ({rule}: {rival} against "
            "{own}). To choose whom to look after, the simple rule is enough; to say how "
            "much they are worth, use the model."
        )
        return Note("caution", m.say.rich(message, **values))
    message = (
        "The model ranks customers better than every simple rule ({own}, against {rival} for "
        "“{rule}”; 1 is a perfect order)."
    )
    return Note("good", m.say.rich(message, **values))


def _warning(m: Material) -> Note | None:
    found = biggest(m)
    count = len(m.get("warnings") or ())
    if found is None or count == 0:
        return None
    text = Markup("{} <a href='#notes'>{}</a>").format(
        found.text, m.say.counted("One note to read.", "All {n} notes.", count)
    )
    return Note(found.mood, text)


def _no_model(m: Material) -> Note | None:
    if m.model is not None:
        return None
    return Note(
        "unknown",
        m.say(
            "There is too little data for a model of each customer. The plain formula below uses "
            "averages only; a model needs customers who bought on two days or more, over a "
            "longer time."
        ),
    )
