"""What customers declare, in the four languages in which they are written to."""

from __future__ import annotations

from lostpost.orders.models import Order, Parcel

FALLBACK = "en"
SENTENCES = {
    "nl": (
        "Ik verklaar dat ik {parcel} van mijn bestelling {order} bij {shop} niet heb ontvangen, en dat niemand het "
        "voor mij heeft aangenomen. Komt het alsnog, dan meld ik dat."
    ),
    "fr": (
        "Je déclare ne pas avoir reçu {parcel} de ma commande {order} chez {shop}, et que personne ne l'a accepté pour "
        "moi. S'il arrive plus tard, je le signalerai."
    ),
    "de": (
        "Ich erkläre, dass ich {parcel} meiner Bestellung {order} bei {shop} nicht erhalten habe und dass es niemand "
        "für mich angenommen hat. Kommt es noch an, melde ich das."
    ),
    "en": (
        "I declare that I did not receive {parcel} of my order {order} from {shop}, and that nobody accepted it for "
        "me. Should it come after all, I will say so."
    ),
}
NAMED = {
    "nl": "het pakket {number} ({carrier})",
    "fr": "le colis {number} ({carrier})",
    "de": "das Paket {number} ({carrier})",
    "en": "the parcel {number} ({carrier})",
}


def sentence_for(order: Order, parcel: Parcel, *, shop: str) -> tuple[str, str]:
    """Return the language of the customer, or English, and what they declare in it."""
    code = order.customer_language[:2].lower()
    language = code if code in SENTENCES else FALLBACK
    box = NAMED[language].format(number=parcel.tracking_number or parcel.code, carrier=parcel.carrier)
    return language, SENTENCES[language].format(parcel=box, order=order.number, shop=shop)
