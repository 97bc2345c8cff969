/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table of names, three families, and rules for what is made of something else. */
#include "format/blocks.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define NAME_MAX_BYTES 63 /* of a known block */

struct row {
    const char *name;
    uint32_t rgba;
};

/* clang-format off */
static const struct row rows[] = {
    {"activator_rail", 0x745148ff}, {"air", 0x00000000}, {"allium", 0x9e89b8ff},
    {"amethyst_block", 0x8662bfff}, {"amethyst_cluster", 0xa37fcfff}, {"ancient_debris", 0x5f423aff},
    {"andesite", 0x888889ff}, {"anvil", 0x454545ff}, {"armor_stand", 0xa08a62ff},
    {"attached_melon_stem", 0x8a9a3aff}, {"attached_pumpkin_stem", 0x8a9a3aff}, {"azalea", 0x657d2fff},
    {"azalea_leaves", 0x5a732cff}, {"azure_bluet", 0xa9cc7fff}, {"bamboo", 0x5d9013ff},
    {"bamboo_sapling", 0x5d9013ff}, {"barrel", 0x87653aff}, {"barrier", 0x00000000}, {"basalt", 0x505156ff},
    {"beacon", 0x76ddd7ff}, {"bedrock", 0x555555ff}, {"bee_nest", 0xcaa04bff}, {"beehive", 0xb4925aff},
    {"beetroots", 0x5d5b30ff}, {"bell", 0xfad038ff}, {"big_dripleaf", 0x708e33ff},
    {"big_dripleaf_stem", 0x596f2dff}, {"blackstone", 0x2a242aff}, {"blast_furnace", 0x504f50ff},
    {"blue_ice", 0x74a8fdff}, {"blue_orchid", 0x2fa2a8ff}, {"bone_block", 0xd1ceb3ff},
    {"bookshelf", 0x75603bff}, {"brain_coral", 0xc65598ff}, {"brain_coral_block", 0xcf5b9fff},
    {"brain_coral_fan", 0xca5499ff}, {"brewing_stand", 0x7b6551ff}, {"bricks", 0x966153ff},
    {"brown_mushroom", 0x9a745cff}, {"brown_mushroom_block", 0x957051ff}, {"bubble_column", 0x3f76e4a0},
    {"bubble_coral", 0xa118a0ff}, {"bubble_coral_block", 0xa51aa2ff}, {"bubble_coral_fan", 0xa020a0ff},
    {"budding_amethyst", 0x8460bbff}, {"bush", 0x5c8a38ff}, {"cactus", 0x557f2bff}, {"cake", 0xf8deb6ff},
    {"calcite", 0xdfe0dcff}, {"calibrated_sculk_sensor", 0x1c4e63ff}, {"campfire", 0x4f4a3eff},
    {"candle", 0xe8cc9bff}, {"carrots", 0x528020ff}, {"cartography_table", 0x4b4038ff},
    {"carved_pumpkin", 0x965011ff}, {"cauldron", 0x4a494bff}, {"cave_air", 0x00000000},
    {"cave_vines", 0x5a6d29ff}, {"cave_vines_plant", 0x586530ff}, {"chain", 0x333a4aff},
    {"chain_command_block", 0x84a597ff}, {"chest", 0xa4712bff}, {"chipped_anvil", 0x454545ff},
    {"chiseled_bookshelf", 0xb18f57ff}, {"chiseled_deepslate", 0x363636ff},
    {"chiseled_quartz_block", 0xe8e2daff}, {"chorus_flower", 0x977997ff}, {"chorus_plant", 0x5e395eff},
    {"clay", 0xa0a6b3ff}, {"coal_block", 0x101010ff}, {"coal_ore", 0x696969ff}, {"coarse_dirt", 0x77553bff},
    {"cobbled_deepslate", 0x4d4d50ff}, {"cobblestone", 0x7f7f7fff}, {"cobweb", 0xe4e9eaff},
    {"cocoa", 0x8b5a2bff}, {"command_block", 0xb5886cff}, {"comparator", 0xa6a2a0ff},
    {"composter", 0x704721ff}, {"conduit", 0xa08b71ff}, {"copper_block", 0xc06c50ff},
    {"copper_bulb", 0x9c5739ff}, {"copper_door", 0xc06b50ff}, {"copper_grate", 0xc06c50ff},
    {"copper_ore", 0x7c7d78ff}, {"copper_trapdoor", 0xc06b50ff}, {"cornflower", 0x507893ff},
    {"crafter", 0x706263ff}, {"crafting_table", 0x815b38ff}, {"creaking_heart", 0x60483bff},
    {"creeper_head", 0x63a25cff}, {"crimson_fungus", 0x8e2c1eff}, {"crimson_nylium", 0x831f1fff},
    {"crimson_roots", 0x7e0829ff}, {"crying_obsidian", 0x200a3cff}, {"cut_copper", 0xbf6b51ff},
    {"damaged_anvil", 0x454545ff}, {"dandelion", 0x93ac2bff}, {"dark_prismarine", 0x335b4bff},
    {"daylight_detector", 0x827457ff}, {"dead_brain_coral", 0x857f7bff},
    {"dead_brain_coral_block", 0x857f7bff}, {"dead_brain_coral_fan", 0x857f7bff},
    {"dead_bubble_coral", 0x857f7bff}, {"dead_bubble_coral_block", 0x857f7bff},
    {"dead_bubble_coral_fan", 0x857f7bff}, {"dead_bush", 0x6b4e28ff}, {"dead_fire_coral", 0x857f7bff},
    {"dead_fire_coral_block", 0x857f7bff}, {"dead_fire_coral_fan", 0x857f7bff},
    {"dead_horn_coral", 0x857f7bff}, {"dead_horn_coral_block", 0x857f7bff},
    {"dead_horn_coral_fan", 0x857f7bff}, {"dead_tube_coral", 0x857f7bff},
    {"dead_tube_coral_block", 0x857f7bff}, {"dead_tube_coral_fan", 0x857f7bff},
    {"decorated_pot", 0x8a4f3bff}, {"deepslate", 0x505052ff}, {"deepslate_bricks", 0x464647ff},
    {"deepslate_coal_ore", 0x4a4a4cff}, {"deepslate_copper_ore", 0x5c5d59ff},
    {"deepslate_diamond_ore", 0x536a6aff}, {"deepslate_emerald_ore", 0x4e6857ff},
    {"deepslate_gold_ore", 0x73664eff}, {"deepslate_iron_ore", 0x6a635eff},
    {"deepslate_lapis_ore", 0x4f5a73ff}, {"deepslate_redstone_ore", 0x684949ff},
    {"deepslate_tiles", 0x363637ff}, {"detector_rail", 0x7b6859ff}, {"diamond_block", 0x62ede4ff},
    {"diamond_ore", 0x798d8cff}, {"diorite", 0xbcbcbeff}, {"dirt", 0x866043ff}, {"dirt_path", 0x947a41ff},
    {"dispenser", 0x7a7a7aff}, {"double_plant", 0x6a9a3dff}, {"dragon_egg", 0x0c090fff},
    {"dragon_head", 0x1a1a1aff}, {"dried_kelp_block", 0x323b26ff}, {"dripstone_block", 0x866b5cff},
    {"dropper", 0x7a7a7aff}, {"emerald_block", 0x2acb58ff}, {"emerald_ore", 0x6c8873ff},
    {"enchanting_table", 0x3a2b3aff}, {"end_gateway", 0x0c0c16ff}, {"end_portal", 0x0c0c16ff},
    {"end_portal_frame", 0x5b7861ff}, {"end_rod", 0xcfc6bcff}, {"end_stone", 0xdbde9eff},
    {"end_stone_bricks", 0xdae0a2ff}, {"ender_chest", 0x2b3b3dff}, {"exposed_copper", 0xa17e68ff},
    {"exposed_cut_copper", 0x9b7a65ff}, {"farmland", 0x7a5636ff}, {"fern", 0x5c8a38ff},
    {"fire", 0xd38e39ff}, {"fire_coral", 0xa72630ff}, {"fire_coral_block", 0xa3232eff},
    {"fire_coral_fan", 0x9f2430ff}, {"firefly_bush", 0x5c8a38ff}, {"fletching_table", 0xc5b485ff},
    {"flower_pot", 0x7c4536ff}, {"flowering_azalea", 0x707a40ff}, {"flowering_azalea_leaves", 0x636f3dff},
    {"flowing_lava", 0xd45a12ff}, {"flowing_water", 0x3f76e4a0}, {"frogspawn", 0x6b5e78ff},
    {"frosted_ice", 0x8cb5fcc0}, {"furnace", 0x6e6e6eff}, {"gilded_blackstone", 0x382b26ff},
    {"glass", 0xc9e3e864}, {"glass_pane", 0xc9e3e864}, {"glow_item_frame", 0x8b8b5aff},
    {"glow_lichen", 0x70837aff}, {"glowstone", 0xac8354ff}, {"gold_block", 0xf6d03eff},
    {"gold_ore", 0x918569ff}, {"granite", 0x956755ff}, {"grass", 0x6a9a3dff}, {"grass_block", 0x6d9a41ff},
    {"grass_path", 0x947a41ff}, {"gravel", 0x837f7eff}, {"grindstone", 0x8c8c8cff},
    {"hanging_roots", 0xa1735cff}, {"hardened_clay", 0x985e43ff}, {"hay_block", 0xa68a26ff},
    {"heavy_core", 0x52565dff}, {"heavy_weighted_pressure_plate", 0xdcdcdcff}, {"honey_block", 0xfbb934c8},
    {"honeycomb_block", 0xe5941dff}, {"hopper", 0x4c4a4cff}, {"horn_coral", 0xd1ba3fff},
    {"horn_coral_block", 0xd8c842ff}, {"horn_coral_fan", 0xcebf3eff}, {"ice", 0x91b7fdc0},
    {"iron_bars", 0x888b87ff}, {"iron_block", 0xdcdcdcff}, {"iron_chain", 0x333a4aff},
    {"iron_door", 0xc2c1c1ff}, {"iron_ore", 0x88817aff}, {"iron_trapdoor", 0xcacacaff},
    {"item_frame", 0x8b6b45ff}, {"jack_o_lantern", 0xd7a02fff}, {"jigsaw", 0x504651ff},
    {"jukebox", 0x5d402fff}, {"kelp", 0x578c2dff}, {"kelp_plant", 0x57822bff}, {"ladder", 0x7c5f35ff},
    {"lantern", 0x6a5b53ff}, {"lapis_block", 0x1f438cff}, {"lapis_ore", 0x6b758dff},
    {"large_amethyst_bud", 0xa17ecaff}, {"large_fern", 0x5c8a38ff}, {"lava", 0xd45a12ff},
    {"lava_cauldron", 0xa05020ff}, {"leaf_litter", 0x8a6b3fff}, {"lectern", 0xad8a50ff},
    {"lever", 0x6f5d43ff}, {"light", 0x00000000}, {"light_weighted_pressure_plate", 0xf6d03eff},
    {"lightning_rod", 0xc46e53ff}, {"lilac", 0x9b7d93ff}, {"lily_of_the_valley", 0x7bae5fff},
    {"lily_pad", 0x208030ff}, {"lit_furnace", 0x787068ff}, {"lodestone", 0x939599ff}, {"loom", 0x8e7756ff},
    {"magma_block", 0x8e3f20ff}, {"mangrove_roots", 0x4a3b26ff}, {"medium_amethyst_bud", 0x9e79caff},
    {"melon", 0x72921eff}, {"melon_stem", 0x8a9a3aff}, {"mob_spawner", 0x24374aff},
    {"moss_block", 0x596d2dff}, {"moss_carpet", 0x596d2dff}, {"mossy_cobblestone", 0x6e775eff},
    {"mossy_stone_bricks", 0x737969ff}, {"moving_piston", 0x9a825aff}, {"mud", 0x3c393dff},
    {"mud_bricks", 0x896850ff}, {"muddy_mangrove_roots", 0x463b2dff}, {"mushroom_stem", 0xcbc4b9ff},
    {"mycelium", 0x6f6265ff}, {"nether_bricks", 0x2c161aff}, {"nether_gold_ore", 0x73362aff},
    {"nether_portal", 0x5a0bc2a0}, {"nether_quartz_ore", 0x754941ff}, {"nether_sprouts", 0x13978aff},
    {"nether_wart", 0x6f1012ff}, {"nether_wart_block", 0x730303ff}, {"netherite_block", 0x433e40ff},
    {"netherrack", 0x622626ff}, {"note_block", 0x593b29ff}, {"observer", 0x626262ff},
    {"obsidian", 0x0f0a18ff}, {"ochre_froglight", 0xf5e9b5ff}, {"orange_tulip", 0x5d8e1eff},
    {"oxeye_daisy", 0xb3ca8fff}, {"oxidized_copper", 0x52a385ff}, {"oxidized_cut_copper", 0x4f997eff},
    {"packed_ice", 0x8db4faff}, {"packed_mud", 0x8e6b50ff}, {"painting", 0x8b6b45ff},
    {"pale_moss_block", 0x6b7069ff}, {"pale_moss_carpet", 0x6b7069ff},
    {"pearlescent_froglight", 0xebe0e4ff}, {"peony", 0x817e8bff}, {"piglin_head", 0xd98f7fff},
    {"pink_petals", 0xf7b5dbff}, {"pink_tulip", 0x639d4eff}, {"piston", 0x9a825aff},
    {"piston_head", 0x9a825aff}, {"pitcher_plant", 0x7c8a99ff}, {"player_head", 0xb48a6aff},
    {"podzol", 0x5b3f18ff}, {"pointed_dripstone", 0x816659ff}, {"polished_andesite", 0x848685ff},
    {"polished_basalt", 0x636365ff}, {"polished_blackstone", 0x35313aff},
    {"polished_blackstone_bricks", 0x302b32ff}, {"polished_deepslate", 0x484849ff},
    {"polished_diorite", 0xc0c1c2ff}, {"polished_granite", 0x9a6a59ff}, {"poppy", 0x803f25ff},
    {"portal", 0x5a0bc2a0}, {"potatoes", 0x5e8a2cff}, {"powder_snow", 0xf8fdfdff},
    {"powder_snow_cauldron", 0xc8ccccff}, {"powered_rail", 0x9a6d49ff}, {"prismarine", 0x639c97ff},
    {"prismarine_bricks", 0x63ab9eff}, {"pumpkin", 0xc67618ff}, {"pumpkin_stem", 0x8a9a3aff},
    {"purpur_block", 0xaa7eaaff}, {"purpur_pillar", 0xac80acff}, {"quartz_block", 0xece6dfff},
    {"quartz_bricks", 0xeae5ddff}, {"quartz_pillar", 0xebe6e0ff}, {"rail", 0x7d7058ff},
    {"raw_copper_block", 0x9a6a4fff}, {"raw_gold_block", 0xdea930ff}, {"raw_iron_block", 0xa6886bff},
    {"red_flower", 0x803f25ff}, {"red_mushroom", 0xd94b44ff}, {"red_mushroom_block", 0xc82f2dff},
    {"red_nether_bricks", 0x460709ff}, {"red_sand", 0xbe6621ff}, {"red_sandstone", 0xb5621fff},
    {"red_tulip", 0x598020ff}, {"redstone_block", 0xb01805ff}, {"redstone_lamp", 0x5f361eff},
    {"redstone_ore", 0x8c6d6dff}, {"redstone_torch", 0xad5d28ff}, {"redstone_wall_torch", 0xad5d28ff},
    {"redstone_wire", 0xaf1805ff}, {"reinforced_deepslate", 0x505250ff}, {"repeater", 0xa09d9cff},
    {"repeating_command_block", 0x8170b0ff}, {"resin_block", 0xd96318ff}, {"resin_bricks", 0xcd5817ff},
    {"respawn_anchor", 0x4c1895ff}, {"rooted_dirt", 0x906850ff}, {"rose_bush", 0x834225ff},
    {"sand", 0xdbcfa3ff}, {"sandstone", 0xd8cb9bff}, {"scaffolding", 0xaa8449ff}, {"sculk", 0x0d1e24ff},
    {"sculk_catalyst", 0x0f1f26ff}, {"sculk_sensor", 0x074654ff}, {"sculk_shrieker", 0xc7cdaaff},
    {"sculk_vein", 0x08303aff}, {"sea_lantern", 0xacc7beff}, {"sea_pickle", 0x5a6128ff},
    {"seagrass", 0x337f08ff}, {"short_dry_grass", 0xb99a62ff}, {"short_grass", 0x6a9a3dff},
    {"shroomlight", 0xf19347ff}, {"shulker_box", 0x8b618bff}, {"skeleton_skull", 0xc8c8c8ff},
    {"slime_block", 0x6fc05bb4}, {"small_amethyst_bud", 0x8463c0ff}, {"small_dripleaf", 0x5f782fff},
    {"smithing_table", 0x39393eff}, {"smoker", 0x555350ff}, {"smooth_basalt", 0x48484eff},
    {"smooth_quartz", 0xece6dfff}, {"smooth_red_sandstone", 0xb5611fff}, {"smooth_sandstone", 0xdfd6aaff},
    {"smooth_stone", 0x9e9e9eff}, {"sniffer_egg", 0x8a5a44ff}, {"snow", 0xf9fefeff},
    {"snow_block", 0xf9fefeff}, {"soul_campfire", 0x4b6a63ff}, {"soul_fire", 0x33c1c5ff},
    {"soul_lantern", 0x48636eff}, {"soul_sand", 0x513e33ff}, {"soul_soil", 0x4c3a2fff},
    {"soul_torch", 0x6d7359ff}, {"soul_wall_torch", 0x6d7359ff}, {"spawner", 0x24374aff},
    {"sponge", 0xc3c04aff}, {"spore_blossom", 0xcf619fff}, {"sticky_piston", 0x7d8a58ff},
    {"stone", 0x7d7d7dff}, {"stone_bricks", 0x7a797aff}, {"stonecutter", 0x7b7670ff},
    {"structure_block", 0x594a5aff}, {"structure_void", 0x00000000}, {"sugar_cane", 0x94c065ff},
    {"sunflower", 0xf6c436ff}, {"suspicious_gravel", 0x817d7cff}, {"suspicious_sand", 0xd9cb9eff},
    {"sweet_berry_bush", 0x2f4a2bff}, {"tall_dry_grass", 0xb99a62ff}, {"tall_grass", 0x6a9a3dff},
    {"tall_seagrass", 0x337f08ff}, {"target", 0xe5b0a8ff}, {"terracotta", 0x985e43ff},
    {"tinted_glass", 0x2b262dc8}, {"tnt", 0xb6584bff}, {"torch", 0xd9b054ff}, {"torchflower", 0x65644dff},
    {"trapped_chest", 0xa4712bff}, {"trial_spawner", 0x374a58ff}, {"tripwire", 0x818181ff},
    {"tripwire_hook", 0x877c6bff}, {"tube_coral", 0x2f53c6ff}, {"tube_coral_block", 0x3157cfff},
    {"tube_coral_fan", 0x3359d2ff}, {"tuff", 0x6c6d66ff}, {"tuff_bricks", 0x62675fff},
    {"turtle_egg", 0xe4e3c0ff}, {"twisting_vines", 0x148f7cff}, {"twisting_vines_plant", 0x148876ff},
    {"vault", 0x374a58ff}, {"verdant_froglight", 0xd3ebd0ff}, {"vine", 0x47752aff},
    {"void_air", 0x00000000}, {"wall_torch", 0xd9b054ff}, {"warped_fungus", 0x4a6d57ff},
    {"warped_nylium", 0x2b7265ff}, {"warped_roots", 0x148a7cff}, {"warped_wart_block", 0x177778ff},
    {"water", 0x3f76e4a0}, {"water_cauldron", 0x3f5fa0ff}, {"weathered_copper", 0x6c996eff},
    {"weathered_cut_copper", 0x6d916bff}, {"weeping_vines", 0x691001ff},
    {"weeping_vines_plant", 0x842010ff}, {"wet_sponge", 0xabb546ff}, {"wheat", 0xa69a4bff},
    {"white_tulip", 0x5da447ff}, {"wildflowers", 0xe5d34eff}, {"wither_rose", 0x292c17ff},
    {"wither_skeleton_skull", 0x303030ff}, {"yellow_flower", 0x93ac2bff}, {"zombie_head", 0x4f7a45ff},};

/* What is dyed, by the name before it. */
static const struct {
    const char *name;
    uint32_t wool, concrete, terracotta;
} dyes[] = {
    {"white", 0xe9ecec, 0xcfd5d6, 0xd1b2a1},      {"orange", 0xf07613, 0xe06101, 0xa15325},
    {"magenta", 0xbd44b3, 0xa9309f, 0x95586c},    {"light_blue", 0x3aafd9, 0x2489c7, 0x706c8a},
    {"yellow", 0xf8c527, 0xf1af15, 0xba8523},     {"lime", 0x70b919, 0x5ea919, 0x677535},
    {"pink", 0xed8dac, 0xd6658f, 0xa14e4e},       {"gray", 0x3e4447, 0x373a3e, 0x392a23},
    {"light_gray", 0x8e8e86, 0x7d7d73, 0x876a61}, {"cyan", 0x158991, 0x157788, 0x565b5b},
    {"purple", 0x792aac, 0x64209c, 0x764656},     {"blue", 0x35399d, 0x2d2f8f, 0x4a3b5b},
    {"brown", 0x724728, 0x603c20, 0x4d3323},      {"green", 0x546d1b, 0x495b24, 0x4c532a},
    {"red", 0xa12722, 0x8e2121, 0x8f3d2e},        {"black", 0x141519, 0x080a0f, 0x251610},
};
#define DYES (sizeof(dyes) / sizeof(dyes[0]))

enum dyed { WOOL, CONCRETE, TERRACOTTA };
#define GLASS_ALPHA 140
static const struct {
    const char *suffix;
    enum dyed as;
    uint8_t alpha;
} dyed[] = {
    {"wool", WOOL, 255},           {"carpet", WOOL, 255},
    {"bed", WOOL, 255},            {"banner", WOOL, 255},
    {"wall_banner", WOOL, 255},    {"candle", WOOL, 255},
    {"candle_cake", WOOL, 255},    {"concrete", CONCRETE, 255},
    {"shulker_box", CONCRETE, 255}, {"concrete_powder", WOOL, 255},
    {"terracotta", TERRACOTTA, 255}, {"glazed_terracotta", WOOL, 255},
    {"stained_glass", CONCRETE, GLASS_ALPHA}, {"stained_glass_pane", CONCRETE, GLASS_ALPHA},
};

/* What is of a wood. */
static const struct {
    const char *name;
    uint32_t planks, bark, leaves;
} woods[] = {
    {"oak", 0xa2824e, 0x6d5532, 0x4f8a2c},      {"spruce", 0x725430, 0x3a2510, 0x3d5f3d},
    {"birch", 0xc0af79, 0xd8d7d2, 0x63823f},    {"jungle", 0xa07350, 0x554419, 0x438f22},
    {"acacia", 0xa85a32, 0x676157, 0x608c2c},   {"dark_oak", 0x422b14, 0x3c2e1a, 0x447024},
    {"mangrove", 0x753630, 0x54433a, 0x62902c}, {"cherry", 0xe2b2ac, 0x36202a, 0xe5adc2},
    {"pale_oak", 0xe3d9d8, 0x574f4b, 0x747b6e}, {"bamboo", 0xc1ad50, 0x8f9a3f, 0x5d9013},
    {"crimson", 0x653046, 0x5d1a1e, 0x730303},  {"warped", 0x2b6863, 0x3a3a4d, 0x177778},
};

enum wooden { PLANKS, BARK, LEAVES };
static const struct {
    const char *suffix;
    enum wooden as;
} wooden[] = {
    {"planks", PLANKS}, {"mosaic", PLANKS}, {"shelf", PLANKS},  {"log", BARK},      {"wood", BARK},
    {"stem", BARK},     {"hyphae", BARK},   {"block", BARK},    {"leaves", LEAVES}, {"sapling", LEAVES},
    {"propagule", LEAVES},
};

/* What is made of something: of that, of its plural, its block or its planks. */
static const char *const shapes[] = {
    "_stairs", "_slab", "_fence_gate", "_fence", "_wall_hanging_sign", "_hanging_sign", "_wall_sign", "_sign",
    "_wall", "_trapdoor", "_door", "_button", "_pressure_plate", "_pillar", "_wall_fan",
};
static const char *const plurals[] = {"", "s", "_planks", "_block", "_fan"};
static const char *const kinds[] = {
    "waxed_", "infested_", "potted_", "chiseled_", "cut_", "cracked_", "smooth_", "mossy_", "stripped_",
    "petrified_", "exposed_", "weathered_", "oxidized_", "polished_",
};

/* Before 1.13. `%`: the data chooses a dye, `$` a wood; NULL or past the end: nobody knows. */
static const char *const numbers[] = {
    "air", "stone", "grass_block", "dirt", "cobblestone", "$planks", "$sapling", "bedrock", "water", "water",
    "lava", "lava", "sand", "gravel", "gold_ore", "iron_ore", "coal_ore", "$log", "$leaves", "sponge",
    "glass", "lapis_ore", "lapis_block", "dispenser", "sandstone", "note_block", "red_bed", "powered_rail",
    "detector_rail", "sticky_piston", "cobweb", "short_grass", "dead_bush", "piston", "piston_head", "%wool",
    "moving_piston", "dandelion", "poppy", "brown_mushroom", "red_mushroom", "gold_block", "iron_block",
    "smooth_stone", "smooth_stone", "bricks", "tnt", "bookshelf", "mossy_cobblestone", "obsidian", "torch",
    "fire", "spawner", "oak_stairs", "chest", "redstone_wire", "diamond_ore", "diamond_block",
    "crafting_table", "wheat", "farmland", "furnace", "lit_furnace", "oak_sign", "oak_door", "ladder", "rail",
    "cobblestone_stairs", "oak_wall_sign", "lever", "stone_pressure_plate", "iron_door",
    "oak_pressure_plate", "redstone_ore", "redstone_ore", "redstone_torch", "redstone_torch", "stone_button",
    "snow", "ice", "snow_block", "cactus", "clay", "sugar_cane", "jukebox", "oak_fence", "pumpkin",
    "netherrack", "soul_sand", "glowstone", "nether_portal", "jack_o_lantern", "cake", "repeater", "repeater",
    "%stained_glass", "oak_trapdoor", "stone", "stone_bricks", "brown_mushroom_block", "red_mushroom_block",
    "iron_bars", "glass_pane", "melon", "pumpkin_stem", "melon_stem", "vine", "oak_fence_gate",
    "brick_stairs", "stone_brick_stairs", "mycelium", "lily_pad", "nether_bricks", "nether_brick_fence",
    "nether_brick_stairs", "nether_wart", "enchanting_table", "brewing_stand", "cauldron", "end_portal",
    "end_portal_frame", "end_stone", "dragon_egg", "redstone_lamp", "redstone_lamp", "$planks", "$planks",
    "cocoa", "sandstone_stairs", "emerald_ore", "ender_chest", "tripwire_hook", "tripwire", "emerald_block",
    "spruce_stairs", "birch_stairs", "jungle_stairs", "command_block", "beacon", "cobblestone_wall",
    "flower_pot", "carrots", "potatoes", "oak_button", "skeleton_skull", "anvil", "trapped_chest",
    "gold_block", "iron_block", "comparator", "comparator", "daylight_detector", "redstone_block",
    "nether_quartz_ore", "hopper", "quartz_block", "quartz_stairs", "activator_rail", "dropper",
    "%terracotta", "%stained_glass_pane", "$leaves", "$log", "acacia_stairs", "dark_oak_stairs",
    "slime_block", "barrier", "iron_trapdoor", "prismarine", "sea_lantern", "hay_block", "%carpet",
    "terracotta", "coal_block", "packed_ice", "sunflower", "white_banner", "white_wall_banner",
    "daylight_detector", "red_sandstone", "red_sandstone_stairs", "red_sandstone_slab", "red_sandstone_slab",
    "spruce_fence_gate", "birch_fence_gate", "jungle_fence_gate", "dark_oak_fence_gate",
    "acacia_fence_gate", "spruce_fence", "birch_fence", "jungle_fence", "dark_oak_fence", "acacia_fence",
    "spruce_door", "birch_door", "jungle_door", "acacia_door", "dark_oak_door", "end_rod", "chorus_plant",
    "chorus_flower", "purpur_block", "purpur_pillar", "purpur_stairs", "purpur_slab", "purpur_slab",
    "end_stone_bricks", "beetroots", "dirt_path", "end_gateway", "repeating_command_block",
    "chain_command_block", "frosted_ice", "magma_block", "nether_wart_block", "red_nether_bricks",
    "bone_block", "structure_void", "observer", "white_shulker_box", "orange_shulker_box",
    "magenta_shulker_box", "light_blue_shulker_box", "yellow_shulker_box", "lime_shulker_box",
    "pink_shulker_box", "gray_shulker_box", "light_gray_shulker_box", "cyan_shulker_box",
    "purple_shulker_box", "blue_shulker_box", "brown_shulker_box", "green_shulker_box", "red_shulker_box",
    "black_shulker_box", "white_glazed_terracotta", "orange_glazed_terracotta", "magenta_glazed_terracotta",
    "light_blue_glazed_terracotta", "yellow_glazed_terracotta", "lime_glazed_terracotta",
    "pink_glazed_terracotta", "gray_glazed_terracotta", "light_gray_glazed_terracotta",
    "cyan_glazed_terracotta", "purple_glazed_terracotta", "blue_glazed_terracotta",
    "brown_glazed_terracotta", "green_glazed_terracotta", "red_glazed_terracotta",
    "black_glazed_terracotta", "%concrete", "%concrete_powder", NULL, NULL, "structure_block",
};
/* clang-format on */

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct goxel_color of_rgb(uint32_t rgb, uint8_t alpha)
{
    return (struct goxel_color){(uint8_t)(rgb >> 16), (uint8_t)(rgb >> 8), (uint8_t)rgb, alpha};
}

const char *goxel_block_row(size_t i)
{
    return i < COUNT(rows) ? rows[i].name : NULL;
}

/* ---- names ---- */

static int compare(const void *name, const void *row)
{
    return strcmp(name, ((const struct row *)row)->name);
}

static bool find_row(const char *name, struct goxel_color *ret_color)
{
    const struct row *row = bsearch(name, rows, COUNT(rows), sizeof(*rows), compare);

    if (row)
        *ret_color = of_rgb(row->rgba >> 8, (uint8_t)row->rgba);
    return row != NULL;
}

/* What comes behind a word and a `_`; NULL: it does not begin so. */
static const char *behind(const char *name, const char *word)
{
    size_t len = strlen(word);

    return strncmp(name, word, len) == 0 && name[len] == '_' ? name + len + 1 : NULL;
}

static bool find_dyed(const char *name, struct goxel_color *ret_color)
{
    for (size_t i = 0; i < DYES; i++) {
        const char *suffix = behind(name, dyes[i].name);

        for (size_t j = 0; suffix && j < COUNT(dyed); j++) {
            if (strcmp(suffix, dyed[j].suffix) != 0)
                continue;
            *ret_color = of_rgb(dyed[j].as == WOOL       ? dyes[i].wool
                                : dyed[j].as == CONCRETE ? dyes[i].concrete
                                                         : dyes[i].terracotta,
                                dyed[j].alpha);
            return true;
        }
    }
    return false;
}

/* A trunk without its bark looks like planks. */
static bool find_wooden(const char *name, struct goxel_color *ret_color)
{
    const char *stripped = behind(name, "stripped");

    name = stripped ? stripped : name;
    for (size_t i = 0; i < COUNT(woods); i++) {
        const char *suffix = behind(name, woods[i].name);

        for (size_t j = 0; suffix && j < COUNT(wooden); j++) {
            if (strcmp(suffix, wooden[j].suffix) != 0)
                continue;
            *ret_color = of_rgb(wooden[j].as == LEAVES               ? woods[i].leaves
                                : wooden[j].as == PLANKS || stripped ? woods[i].planks
                                                                     : woods[i].bark,
                                255);
            return true;
        }
    }
    return false;
}

static bool find_plain(const char *name, struct goxel_color *ret_color)
{
    return find_row(name, ret_color) || find_dyed(name, ret_color) || find_wooden(name, ret_color);
}

/* Of which one, or what one is made of. */
static bool find_base(const char *base, size_t len, struct goxel_color *ret_color)
{
    char name[NAME_MAX_BYTES + 16];

    for (size_t i = 0; i < COUNT(plurals); i++) {
        memcpy(name, base, len);
        memcpy(name + len, plurals[i], strlen(plurals[i]) + 1);
        if (find_plain(name, ret_color))
            return true;
    }
    return false;
}

static bool find_shape(const char *name, struct goxel_color *ret_color)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < COUNT(shapes); i++) {
        size_t tail = strlen(shapes[i]);

        if (len > tail && strcmp(name + len - tail, shapes[i]) == 0 && find_base(name, len - tail, ret_color))
            return true;
    }
    return find_base(name, len, ret_color);
}

/* Without one word more before it each time. */
static bool find_kind(const char *name, struct goxel_color *ret_color)
{
    size_t i = 0;

    if (find_shape(name, ret_color))
        return true;
    while (i < COUNT(kinds)) {
        size_t len = strlen(kinds[i]);

        i++;
        if (strncmp(name, kinds[i - 1], len) != 0)
            continue;
        name += len;
        if (find_shape(name, ret_color))
            return true;
        i = 0;
    }
    return false;
}

/* FNV-1a, brought to where colours are neither black nor white. */
static struct goxel_color color_of_name(const char *name, size_t len)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (uint8_t)name[i]) * 16777619u;
    return (struct goxel_color){(uint8_t)(64 + (hash & 127)), (uint8_t)(64 + (hash >> 8 & 127)),
                                (uint8_t)(64 + (hash >> 16 & 127)), 255};
}

bool goxel_block_color(const char *name, size_t len, struct goxel_color *ret_color)
{
    static const char space[] = "minecraft:";
    const char *states = len > 0 ? memchr(name, '[', len) : NULL;
    char known[NAME_MAX_BYTES + 1];

    if (states)
        len = (size_t)(states - name);
    if (len >= sizeof(space) - 1 && memcmp(name, space, sizeof(space) - 1) == 0) {
        name += sizeof(space) - 1;
        len -= sizeof(space) - 1;
    }
    if (len <= NAME_MAX_BYTES) {
        memcpy(known, name, len);
        known[len] = '\0';
        if (find_kind(known, ret_color))
            return true;
    }
    *ret_color = color_of_name(name, len);
    return false;
}

/* ---- numbers ---- */

/* Acacia and dark oak came late: of trunks and leaves they have numbers of their own. */
static const char *family_of(char sign, unsigned number, unsigned data)
{
    if (sign == '%')
        return dyes[data % DYES].name;
    if (sign != '$')
        return "";
    if (number == 161 || number == 162)
        return woods[4 + data % 2].name;
    return woods[data % (number == 17 || number == 18 ? 4 : 6)].name;
}

bool goxel_block_color_of_number(unsigned number, unsigned data, struct goxel_color *ret_color)
{
    const char *name = number < COUNT(numbers) ? numbers[number] : NULL;
    char text[NAME_MAX_BYTES + 1];

    if (!name) {
        const char bytes[2] = {(char)number, (char)(number >> 8)};

        *ret_color = color_of_name(bytes, sizeof(bytes));
        return false;
    }
    (void)snprintf(text, sizeof(text), "%s%s%s", family_of(name[0], number, data),
                   name[0] == '%' || name[0] == '$' ? "_" : "", name + (name[0] == '%' || name[0] == '$'));
    return goxel_block_color(text, strlen(text), ret_color);
}

/* ---- palettes ---- */

int goxel_blocks_init(struct goxel_blocks *blocks, size_t count)
{
    blocks->entries = calloc(count + 1, sizeof(*blocks->entries));
    if (!blocks->entries)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    blocks->count = count;
    return 0;
}

void goxel_blocks_set(struct goxel_blocks *blocks, size_t i, const char *name, size_t len)
{
    blocks->entries[i].unknown = !goxel_block_color(name, len, &blocks->entries[i].color);
}

void goxel_blocks_finish(struct goxel_blocks *blocks)
{
    free(blocks->entries);
    *blocks = (struct goxel_blocks){0};
}
