"""Writes the OpenAPI documents beside this file with the service's own toolkit.

    pip install fal pillow && python3 tests/documents/make.py

The apps are Kontext-like, and unlike it in four ways: a list of objects, a size that is a name or
two sides, a mask beside the picture, and a result that is a film. Nothing is served or sent.
"""

import json
import os
from typing import Literal, Optional, Union

import fal
from fal.toolkit import File, Image, ImageSizeInput
from pydantic import BaseModel, Field


class KontextInput(BaseModel):
    prompt: str = Field(description="What to change.")
    seed: Optional[int] = Field(default=None, description="Where the chance begins.")
    guidance_scale: float = Field(default=3.5, ge=1, le=20)
    sync_mode: bool = False
    num_images: int = Field(default=1, ge=1, le=4)
    output_format: Literal["jpeg", "png"] = "jpeg"
    safety_tolerance: Literal["1", "2", "3", "4", "5", "6"] = "2"
    aspect_ratio: Optional[
        Literal["21:9", "16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "9:21"]
    ] = None
    image_url: str


class MultiInput(BaseModel):
    prompt: str
    guidance_scale: float = Field(default=3.5, ge=1, le=20)
    image_urls: list[str]


class Output(BaseModel):
    images: list[Image]
    seed: int
    prompt: str


class Lora(BaseModel):
    path: str = Field(description="Address of the weights.")
    scale: float = Field(default=1, ge=0, le=4)


class LoraInput(BaseModel):
    prompt: str
    image_size: Optional[ImageSizeInput] = "landscape_4_3"
    loras: list[Lora] = []
    num_inference_steps: int = Field(default=28, ge=1, le=50)


class InpaintInput(BaseModel):
    prompt: str
    image_url: str
    mask_url: str
    strength: float = Field(default=0.85, ge=0.01, le=1)


class FilmInput(BaseModel):
    prompt: str
    image_url: Optional[str] = None
    duration: Union[Literal["5", "10"], int] = "5"
    camera: Optional[dict] = None


class FilmOutput(BaseModel):
    video: File


class Kontext(fal.App, name="kontext-like"):
    @fal.endpoint("/")
    def edit(self, input: KontextInput) -> Output: ...

    @fal.endpoint("/multi")
    def multi(self, input: MultiInput) -> Output: ...


class Lora_(fal.App, name="lora-like"):
    @fal.endpoint("/")
    def make(self, input: LoraInput) -> Output: ...


class Inpaint(fal.App, name="inpaint-like"):
    @fal.endpoint("/")
    def fill(self, input: InpaintInput) -> Output: ...


class Film(fal.App, name="film-like"):
    @fal.endpoint("/")
    def shoot(self, input: FilmInput) -> FilmOutput: ...


here = os.path.dirname(os.path.abspath(__file__))
for name, app in {"kontext": Kontext, "lora": Lora_, "inpaint": Inpaint, "film": Film}.items():
    with open(os.path.join(here, name + ".json"), "w") as file:
        json.dump(app.build_metadata()["openapi"], file, indent=1)
        file.write("\n")
