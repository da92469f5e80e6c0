"""An edit by each of other people's Python clients, through the service's own host names.

Unmodified: proxy and authority come from the environment. Where Hugging Face keeps which model is
meant is not the service's, and told here.
"""

import base64
import os
import traceback

import fal_client
import httpx
import litellm
from huggingface_hub import InferenceClient
from huggingface_hub.hf_api import InferenceProviderMapping
from huggingface_hub.inference._providers import _common

PHOTO = os.environ["PHOTO"]
KEY = os.environ["FAL_KEY"]
EDIT = "fal-ai/flux-pro/kontext"
WORDS = "Make it sepia"
MODEL = "black-forest-labs/FLUX.1-Kontext-dev"


def official():
    url = fal_client.upload_file(PHOTO)
    answer = fal_client.subscribe(EDIT, {"prompt": WORDS, "image_url": url})
    return httpx.get(answer["images"][0]["url"]).content


def hugging_face():
    served = {"hf_model_id": MODEL, "providerId": "fal-ai/flux-kontext/dev", "status": "live",
              "task": "image-to-image", "provider": "fal-ai"}
    _common.HARDCODED_MODEL_INFERENCE_MAPPING["fal-ai"][MODEL] = InferenceProviderMapping(**served)
    client = InferenceClient(provider="fal-ai", api_key=KEY)
    made = client.image_to_image(PHOTO, prompt=WORDS, model=MODEL)
    return made.tobytes()


def lite_llm():
    with open(PHOTO, "rb") as file:
        uri = "data:image/png;base64," + base64.b64encode(file.read()).decode()
    answer = litellm.image_generation(
        model="fal_ai/" + EDIT, prompt=WORDS, image_url=uri, api_key=KEY, timeout=60
    )
    return httpx.get(answer.data[0].url).content


failed = 0
for name, edit in {
    "fal-client": official, "huggingface_hub": hugging_face, "litellm": lite_llm,
}.items():
    try:
        assert len(edit()) > 1000, "no picture"
        print("ok", name)
    except Exception:
        failed += 1
        print("FAILED", name)
        traceback.print_exc()
raise SystemExit(failed)
