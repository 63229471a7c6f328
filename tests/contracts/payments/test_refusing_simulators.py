"""Production never speaks to a simulator, and a simulation never to the real provider."""

from __future__ import annotations

from typing import Any

import pytest

from shop.adapters.stripe_gateway import StripeGateway

REAL = "sk_live_51Abc"
SIMULATED = "sk_sim_abc"


def gateway(**more: Any) -> StripeGateway:
    return StripeGateway(webhook_secret="whsec_x", **more)


@pytest.mark.parametrize(
    "settings",
    [
        {"api_key": SIMULATED},
        {"api_key": "sk_test_sim_carriole"},
        {"api_key": REAL, "api_base": "http://127.0.0.1:12111"},
        {"api_key": REAL, "simulation": True, "api_base": "http://127.0.0.1:12111"},
        {"api_key": SIMULATED, "simulation": True},
    ],
)
def test_a_mixture_of_real_and_simulated_is_refused_at_the_start(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="simulat"):
        gateway(**settings)


def test_in_production_people_see_the_providers_own_form() -> None:
    real = gateway(api_key=REAL, public_key="pk_live_51Abc")
    assert not real.simulated
    assert real.public_key == "pk_live_51Abc"
    assert real.hosted_page_url("pi_1_secret_2", "https://exemple.fr/retour") is None


def test_in_a_simulation_people_go_to_the_simulators_page() -> None:
    simulated = gateway(
        api_key=SIMULATED, simulation=True, api_base="http://127.0.0.1:1", page_base="http://ici:2"
    )
    assert simulated.simulated
    assert (
        simulated.hosted_page_url("pi_1_secret_2", "https://exemple.fr/r?a=1&b=é")
        == "http://ici:2/pay/pi_1_secret_2?return_url=https%3A%2F%2Fexemple.fr%2Fr%3Fa%3D1%26b%3D%C3%A9"
    )
