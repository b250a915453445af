// Three hundred statics: all go on, and the one that is lost is among what is said.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int v0 = 0;
static int v1 = 1;
static int v2 = 2;
static int v3 = 3;
static int v4 = 4;
static int v5 = 5;
static int v6 = 6;
static int v7 = 7;
static int v8 = 8;
static int v9 = 9;
static int v10 = 10;
static int v11 = 11;
static int v12 = 12;
static int v13 = 13;
static int v14 = 14;
static int v15 = 15;
static int v16 = 16;
static int v17 = 17;
static int v18 = 18;
static int v19 = 19;
static int v20 = 20;
static int v21 = 21;
static int v22 = 22;
static int v23 = 23;
static int v24 = 24;
static int v25 = 25;
static int v26 = 26;
static int v27 = 27;
static int v28 = 28;
static int v29 = 29;
static int v30 = 30;
static int v31 = 31;
static int v32 = 32;
static int v33 = 33;
static int v34 = 34;
static int v35 = 35;
static int v36 = 36;
static int v37 = 37;
static int v38 = 38;
static int v39 = 39;
static int v40 = 40;
static int v41 = 41;
static int v42 = 42;
static int v43 = 43;
static int v44 = 44;
static int v45 = 45;
static int v46 = 46;
static int v47 = 47;
static int v48 = 48;
static int v49 = 49;
static int v50 = 50;
static int v51 = 51;
static int v52 = 52;
static int v53 = 53;
static int v54 = 54;
static int v55 = 55;
static int v56 = 56;
static int v57 = 57;
static int v58 = 58;
static int v59 = 59;
static int v60 = 60;
static int v61 = 61;
static int v62 = 62;
static int v63 = 63;
static int v64 = 64;
static int v65 = 65;
static int v66 = 66;
static int v67 = 67;
static int v68 = 68;
static int v69 = 69;
static int v70 = 70;
static int v71 = 71;
static int v72 = 72;
static int v73 = 73;
static int v74 = 74;
static int v75 = 75;
static int v76 = 76;
static int v77 = 77;
static int v78 = 78;
static int v79 = 79;
static int v80 = 80;
static int v81 = 81;
static int v82 = 82;
static int v83 = 83;
static int v84 = 84;
static int v85 = 85;
static int v86 = 86;
static int v87 = 87;
static int v88 = 88;
static int v89 = 89;
static int v90 = 90;
static int v91 = 91;
static int v92 = 92;
static int v93 = 93;
static int v94 = 94;
static int v95 = 95;
static int v96 = 96;
static int v97 = 97;
static int v98 = 98;
static int v99 = 99;
static int v100 = 100;
static int v101 = 101;
static int v102 = 102;
static int v103 = 103;
static int v104 = 104;
static int v105 = 105;
static int v106 = 106;
static int v107 = 107;
static int v108 = 108;
static int v109 = 109;
static int v110 = 110;
static int v111 = 111;
static int v112 = 112;
static int v113 = 113;
static int v114 = 114;
static int v115 = 115;
static int v116 = 116;
static int v117 = 117;
static int v118 = 118;
static int v119 = 119;
static int v120 = 120;
static int v121 = 121;
static int v122 = 122;
static int v123 = 123;
static int v124 = 124;
static int v125 = 125;
static int v126 = 126;
static int v127 = 127;
static int v128 = 128;
static int v129 = 129;
static int v130 = 130;
static int v131 = 131;
static int v132 = 132;
static int v133 = 133;
static int v134 = 134;
static int v135 = 135;
static int v136 = 136;
static int v137 = 137;
static int v138 = 138;
static int v139 = 139;
static int v140 = 140;
static int v141 = 141;
static int v142 = 142;
static int v143 = 143;
static int v144 = 144;
static int v145 = 145;
static int v146 = 146;
static int v147 = 147;
static int v148 = 148;
static int v149 = 149;
static int v150 = 150;
static int v151 = 151;
static int v152 = 152;
static int v153 = 153;
static int v154 = 154;
static int v155 = 155;
static int v156 = 156;
static int v157 = 157;
static int v158 = 158;
static int v159 = 159;
static int v160 = 160;
static int v161 = 161;
static int v162 = 162;
static int v163 = 163;
static int v164 = 164;
static int v165 = 165;
static int v166 = 166;
static int v167 = 167;
static int v168 = 168;
static int v169 = 169;
static int v170 = 170;
static int v171 = 171;
static int v172 = 172;
static int v173 = 173;
static int v174 = 174;
static int v175 = 175;
static int v176 = 176;
static int v177 = 177;
static int v178 = 178;
static int v179 = 179;
static int v180 = 180;
static int v181 = 181;
static int v182 = 182;
static int v183 = 183;
static int v184 = 184;
static int v185 = 185;
static int v186 = 186;
static int v187 = 187;
static int v188 = 188;
static int v189 = 189;
static int v190 = 190;
static int v191 = 191;
static int v192 = 192;
static int v193 = 193;
static int v194 = 194;
static int v195 = 195;
static int v196 = 196;
static int v197 = 197;
static int v198 = 198;
static int v199 = 199;
static int v200 = 200;
static int v201 = 201;
static int v202 = 202;
static int v203 = 203;
static int v204 = 204;
static int v205 = 205;
static int v206 = 206;
static int v207 = 207;
static int v208 = 208;
static int v209 = 209;
static int v210 = 210;
static int v211 = 211;
static int v212 = 212;
static int v213 = 213;
static int v214 = 214;
static int v215 = 215;
static int v216 = 216;
static int v217 = 217;
static int v218 = 218;
static int v219 = 219;
static int v220 = 220;
static int v221 = 221;
static int v222 = 222;
static int v223 = 223;
static int v224 = 224;
static int v225 = 225;
static int v226 = 226;
static int v227 = 227;
static int v228 = 228;
static int v229 = 229;
static int v230 = 230;
static int v231 = 231;
static int v232 = 232;
static int v233 = 233;
static int v234 = 234;
static int v235 = 235;
static int v236 = 236;
static int v237 = 237;
static int v238 = 238;
static int v239 = 239;
static int v240 = 240;
static int v241 = 241;
static int v242 = 242;
static int v243 = 243;
static int v244 = 244;
static int v245 = 245;
static int v246 = 246;
static int v247 = 247;
static int v248 = 248;
static int v249 = 249;
static int v250 = 250;
static int v251 = 251;
static int v252 = 252;
static int v253 = 253;
static int v254 = 254;
static int v255 = 255;
static int v256 = 256;
static int v257 = 257;
static int v258 = 258;
static int v259 = 259;
static int v260 = 260;
static int v261 = 261;
static int v262 = 262;
static int v263 = 263;
static int v264 = 264;
static int v265 = 265;
static int v266 = 266;
static int v267 = 267;
static int v268 = 268;
static int v269 = 269;
static int v270 = 270;
static int v271 = 271;
static int v272 = 272;
static int v273 = 273;
static int v274 = 274;
static int v275 = 275;
static int v276 = 276;
static int v277 = 277;
static int v278 = 278;
static int v279 = 279;
static int v280 = 280;
static int v281 = 281;
static int v282 = 282;
static int v283 = 283;
static int v284 = 284;
static int v285 = 285;
static int v286 = 286;
static int v287 = 287;
static int v288 = 288;
static int v289 = 289;
static int v290 = 290;
static int v291 = 291;
static int v292 = 292;
static int v293 = 293;
static int v294 = 294;
static int v295 = 295;
static int v296 = 296;
static int v297 = 297;
static int v298 = 298;
static int v299 = 299;
static int lost = 3;
static int *const all[] = {
    &v0,   &v1,   &v2,   &v3,   &v4,   &v5,   &v6,   &v7,   &v8,   &v9,   &v10,  &v11,  &v12,
    &v13,  &v14,  &v15,  &v16,  &v17,  &v18,  &v19,  &v20,  &v21,  &v22,  &v23,  &v24,  &v25,
    &v26,  &v27,  &v28,  &v29,  &v30,  &v31,  &v32,  &v33,  &v34,  &v35,  &v36,  &v37,  &v38,
    &v39,  &v40,  &v41,  &v42,  &v43,  &v44,  &v45,  &v46,  &v47,  &v48,  &v49,  &v50,  &v51,
    &v52,  &v53,  &v54,  &v55,  &v56,  &v57,  &v58,  &v59,  &v60,  &v61,  &v62,  &v63,  &v64,
    &v65,  &v66,  &v67,  &v68,  &v69,  &v70,  &v71,  &v72,  &v73,  &v74,  &v75,  &v76,  &v77,
    &v78,  &v79,  &v80,  &v81,  &v82,  &v83,  &v84,  &v85,  &v86,  &v87,  &v88,  &v89,  &v90,
    &v91,  &v92,  &v93,  &v94,  &v95,  &v96,  &v97,  &v98,  &v99,  &v100, &v101, &v102, &v103,
    &v104, &v105, &v106, &v107, &v108, &v109, &v110, &v111, &v112, &v113, &v114, &v115, &v116,
    &v117, &v118, &v119, &v120, &v121, &v122, &v123, &v124, &v125, &v126, &v127, &v128, &v129,
    &v130, &v131, &v132, &v133, &v134, &v135, &v136, &v137, &v138, &v139, &v140, &v141, &v142,
    &v143, &v144, &v145, &v146, &v147, &v148, &v149, &v150, &v151, &v152, &v153, &v154, &v155,
    &v156, &v157, &v158, &v159, &v160, &v161, &v162, &v163, &v164, &v165, &v166, &v167, &v168,
    &v169, &v170, &v171, &v172, &v173, &v174, &v175, &v176, &v177, &v178, &v179, &v180, &v181,
    &v182, &v183, &v184, &v185, &v186, &v187, &v188, &v189, &v190, &v191, &v192, &v193, &v194,
    &v195, &v196, &v197, &v198, &v199, &v200, &v201, &v202, &v203, &v204, &v205, &v206, &v207,
    &v208, &v209, &v210, &v211, &v212, &v213, &v214, &v215, &v216, &v217, &v218, &v219, &v220,
    &v221, &v222, &v223, &v224, &v225, &v226, &v227, &v228, &v229, &v230, &v231, &v232, &v233,
    &v234, &v235, &v236, &v237, &v238, &v239, &v240, &v241, &v242, &v243, &v244, &v245, &v246,
    &v247, &v248, &v249, &v250, &v251, &v252, &v253, &v254, &v255, &v256, &v257, &v258, &v259,
    &v260, &v261, &v262, &v263, &v264, &v265, &v266, &v267, &v268, &v269, &v270, &v271, &v272,
    &v273, &v274, &v275, &v276, &v277, &v278, &v279, &v280, &v281, &v282, &v283, &v284, &v285,
    &v286, &v287, &v288, &v289, &v290, &v291, &v292, &v293, &v294, &v295, &v296, &v297, &v298,
    &v299,
};

static void update(Game *g, hl_tick *t)
{
    (void)g;
    for (int i = 0; t->tick == 1 && i < 300; i++) {
        *all[i] += 1000;
    }
    if (t->tick == 1) {
        lost = 5;
    }
    if (t->tick == 2) {
        hl_log(t, "%d", lost);
    }
    if (t->reloaded) {
        int sum = 0;
        for (int i = 0; i < 300; i++) {
            sum += *all[i];
        }
        hl_log(t, "old %d", sum);
    }
}

EDIT_GAME(Game);
