# SPDX-License-Identifier: Apache-2.0
"""The architectures, for a training that starts from nothing, and loading for one that does not."""
import os

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from transformers import CLIPTextConfig, CLIPTextModel

TEXT = dict(vocab_size=645, bos_token_id=643, eos_token_id=644, pad_token_id=644, max_position_embeddings=24,
            hidden_size=128, intermediate_size=512, num_attention_heads=4, hidden_act="quick_gelu")


def new_vae():
    return AutoencoderKL(down_block_types=("DownEncoderBlock2D",) * 3, up_block_types=("UpDecoderBlock2D",) * 3,
                         block_out_channels=(32, 64, 64), layers_per_block=1, latent_channels=4, norm_num_groups=8,
                         sample_size=64, mid_block_add_attention=False, scaling_factor=1.0)


def new_unet():
    return UNet2DConditionModel(sample_size=16, in_channels=4, out_channels=4, block_out_channels=(64, 128),
                                down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
                                up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), layers_per_block=1,
                                attention_head_dim=4, norm_num_groups=16, cross_attention_dim=128)


def new_text_encoder():
    return CLIPTextModel(CLIPTextConfig(**TEXT, num_hidden_layers=3, projection_dim=128))


def load_vae(d):
    return AutoencoderKL.from_pretrained(d, torch_dtype=torch.float32) if d else new_vae()


def load_diffusion(d):
    """UNet and text encoder, float32, with the attention that is fast on a CPU."""
    if d:
        unet = UNet2DConditionModel.from_pretrained(os.path.join(d, "unet"), torch_dtype=torch.float32)
        text = CLIPTextModel.from_pretrained(os.path.join(d, "text_encoder"), dtype=torch.float32)
    else:
        unet, text = new_unet(), new_text_encoder()
    unet.set_attn_processor(AttnProcessor())
    text.set_attn_implementation("eager")
    return unet, text


def scheduler():
    return DDIMScheduler(beta_start=.00085, beta_end=.012, beta_schedule="scaled_linear", steps_offset=1,
                         clip_sample=False, set_alpha_to_one=False, prediction_type="v_prediction")


def one_step_scheduler():
    """The same noise; its first timestep is always the last one trained (999), and its last step ends at x0 itself."""
    return DDIMScheduler.from_config(scheduler().config, timestep_spacing="trailing", steps_offset=0, set_alpha_to_one=True)
