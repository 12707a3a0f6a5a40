// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelIndexTest {
    /** As Stable Diffusion 1.5 is published. */
    private static final String SD15 = """
            {"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.6.0",
             "feature_extractor": ["transformers", "CLIPImageProcessor"],
             "image_encoder": [null, null],
             "requires_safety_checker": true,
             "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"],
             "scheduler": ["diffusers", "PNDMScheduler"],
             "text_encoder": ["transformers", "CLIPTextModel"],
             "tokenizer": ["transformers", "CLIPTokenizer"],
             "unet": ["diffusers", "UNet2DConditionModel"],
             "vae": ["diffusers", "AutoencoderKL"]}
            """;

    @TempDir
    Path folder;

    private ModelIndex read(String json) throws IOException {
        Files.writeString(folder.resolve("model_index.json"), json);
        return ModelIndex.read(folder);
    }

    @Test
    void whatIsLeftOutIsSaid() throws IOException {
        var index = read(SD15);
        assertEquals(
                Map.of(
                        "scheduler", "PNDMScheduler",
                        "text_encoder", "CLIPTextModel",
                        "tokenizer", "CLIPTokenizer",
                        "unet", "UNet2DConditionModel",
                        "vae", "AutoencoderKL"),
                index.parts());
        assertEquals(List.of("The checkpoint's safety checker is not run."), index.remarks());
        assertEquals(
                List.of(),
                read(SD15.replace("[\"stable_diffusion\", \"StableDiffusionSafetyChecker\"]", "[null, null]"))
                        .remarks());
    }

    @Test
    void sdxlHasTwoEncodersAndSaysWhatNoNegativePromptIs() throws IOException {
        var sdxl = """
                {"_class_name": "StableDiffusionXLPipeline", "_diffusers_version": "0.19.0.dev0",
                 "force_zeros_for_empty_prompt": true,
                 "scheduler": ["diffusers", "EulerDiscreteScheduler"],
                 "text_encoder": ["transformers", "CLIPTextModel"],
                 "text_encoder_2": ["transformers", "CLIPTextModelWithProjection"],
                 "tokenizer": ["transformers", "CLIPTokenizer"],
                 "tokenizer_2": ["transformers", "CLIPTokenizer"],
                 "unet": ["diffusers", "UNet2DConditionModel"],
                 "vae": ["diffusers", "AutoencoderKL"]}
                """;
        var index = read(sdxl);
        assertEquals(List.of("text_encoder", "text_encoder_2", "unet", "vae"), index.weighted());
        assertTrue(index.zerosForEmpty());
        assertFalse(read(sdxl.replace("prompt\": true", "prompt\": false")).zerosForEmpty());
        assertFalse(read(SD15).zerosForEmpty());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "StableDiffusionPipeline ~ StableDiffusionXLPipeline ~ names no text_encoder_2",
                "StableDiffusionPipeline ~ StableDiffusionXLImg2ImgPipeline ~ is a StableDiffusionXLImg2ImgPipeline",
                "\"requires_safety_checker\": true ~ \"tokenizer_2\": [\"transformers\", \"CLIPTokenizer\"] ~ part 'tokenizer_2'",
                "StableDiffusionPipeline ~ StableDiffusionInpaintPipeline ~ is a StableDiffusionInpaintPipeline",
                "\"_class_name\" ~ \"_name\" ~ without a class name",
                "[null, null] ~ [\"transformers\", \"CLIPVisionModelWithProjection\"] ~ part 'image_encoder'",
                "\"requires_safety_checker\": true ~ \"controlnet\": [\"diffusers\", \"ControlNetModel\"] ~ part 'controlnet'",
                "CLIPTextModel ~ T5EncoderModel ~ has as its text_encoder a T5EncoderModel",
                "AutoencoderKL ~ AsymmetricAutoencoderKL ~ has as its vae a AsymmetricAutoencoderKL",
                "UNet2DConditionModel ~ UNet3DConditionModel ~ has as its unet a UNet3DConditionModel",
                "\"CLIPTokenizer\" ~ \"T5Tokenizer\" ~ has as its tokenizer a T5Tokenizer",
                "[\"diffusers\", \"UNet2DConditionModel\"] ~ [\"my_unet\", \"UNet2DConditionModel\"] ~ code in checkpoints is not run",
                "[\"diffusers\", \"PNDMScheduler\"] ~ [\"my_scheduler\", \"PNDMScheduler\"] ~ code in checkpoints is not run",
                "[\"diffusers\", \"AutoencoderKL\"] ~ [null, null] ~ names no vae",
                "{ ~ [ ~ not valid JSON",
            })
    void whatIsNotSupportedIsRefusedByName(String what, String instead, String words) {
        var error = assertThrows(TillerException.class, () -> read(SD15.replace(what, instead)));
        assertTrue(error.getMessage().contains(words), error.getMessage());
    }

    @Test
    void aFolderWithoutAnIndexIsNoCheckpoint() {
        var error = assertThrows(TillerException.class, () -> ModelIndex.read(folder));
        assertTrue(error.getMessage().contains("model_index.json"), error.getMessage());
    }
}
